/** Orders for the trainer: asked for only where the server knows of a queue. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/vue-query'
import { computed, type Ref } from 'vue'
import type { JobRequest, ScheduleRequest, TrainingJob } from '../../server/contract/training-job'
import { useLive } from './events'
import { opsApi } from './ops-api'

const JOBS_MS = 2_000
const QUIET_MS = 15_000

export const isUnderWay = ({ status }: TrainingJob) => status === 'queued' || status === 'running'

export function useTraining() {
  const live = useLive()
  const queries = useQueryClient()
  const jobs = useQuery({
    queryKey: ['training', 'jobs'],
    queryFn: ({ signal }) => opsApi.jobs(signal),
    refetchInterval: (query) =>
      query.state.error ? false : live.status !== 'live' && query.state.data?.jobs.some(isUnderWay) ? JOBS_MS : QUIET_MS,
  })
  const known = computed(() => jobs.data.value !== undefined)
  const schedules = useQuery({
    queryKey: ['training', 'schedules'],
    queryFn: ({ signal }) => opsApi.schedules(signal),
    enabled: known,
  })
  const settle = () => void queries.invalidateQueries({ queryKey: ['training'] })
  const enqueue = useMutation({ mutationFn: (request: JobRequest) => opsApi.enqueue(request), onSettled: settle })
  const cancel = useMutation({ mutationFn: (id: number) => opsApi.cancelJob(id), onSettled: settle })
  const retry = useMutation({ mutationFn: (id: number) => opsApi.retryJob(id), onSettled: settle })
  const schedule = useMutation({
    mutationFn: ({ name, ...body }: ScheduleRequest & { name: string }) => opsApi.putSchedule(name, body),
    onSettled: settle,
  })
  const unschedule = useMutation({ mutationFn: (name: string) => opsApi.removeSchedule(name), onSettled: settle })
  return { jobs, schedules, enqueue, cancel, retry, schedule, unschedule }
}

/** @param running lines still come */
export const useJobLog = (id: Ref<number>, running: Ref<boolean>) =>
  useQuery({
    queryKey: computed(() => ['training', 'log', id.value]),
    queryFn: ({ signal }) => opsApi.jobLog(id.value, signal),
    refetchInterval: () => (running.value ? JOBS_MS : false),
  })
