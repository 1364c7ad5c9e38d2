/** A holder over a registry that the test writes; its models are names. */
import { DomainError } from '../../server/domain/error'
import { type HolderEvent, ModelHolder, type ModelHolderOptions } from '../../server/pipeline/model-holder'

export interface FakeModel {
  version: string
  epoch: number
  retired: boolean
}
export const makeModel = (version: string, epoch: number): FakeModel => ({ version, epoch, retired: false })

/** A holder over a registry that the test writes. */
export function setUp(changes: Partial<ModelHolderOptions<FakeModel>> = {}) {
  const registry = { active: 'a' as string | null, epoch: 1 }
  const events: HolderEvent[] = []
  const opened: FakeModel[] = []
  let clock = 0
  const holder = new ModelHolder<FakeModel>({
    readTarget: () => ({ ...registry }),
    open: async (version, epoch) => {
      const model = makeModel(version, epoch)
      opened.push(model)
      return model
    },
    retire: (model) => {
      if (model.retired) throw new Error('retired twice')
      model.retired = true
    },
    report: (event) => events.push(event),
    now: () => clock,
    pollMs: 60_000,
    ...changes,
  })
  const first = makeModel('a', 1)
  holder.start(first)
  holders.push(holder)
  return {
    holder,
    first,
    events,
    opened,
    activate: (active: string) => Object.assign(registry, { active, epoch: registry.epoch + 1 }),
    wait: (ms: number) => {
      clock += ms
    },
  }
}
/** To be stopped after each test. */
export const holders: ModelHolder<FakeModel>[] = []
export const stopHolders = async (): Promise<void> => {
  for (const holder of holders.splice(0)) await holder.stop()
}

export const refuse = async (): Promise<FakeModel> => {
  throw new DomainError('artifact_corrupt', 'a file is damaged')
}
