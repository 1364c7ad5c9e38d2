/** Figures of the HTTP layer for the metrics. */
import type { AdmissionStatus } from './admission'

interface HttpFigure {
  name: string
  help: string
  kind: 'gauge' | 'counter'
  read: () => number
}

export const admissionFigures = (status: () => AdmissionStatus): HttpFigure[] => [
  { name: 'queue_depth', help: 'Requests that wait for their turn', kind: 'gauge', read: () => status().waiting },
  { name: 'long_requests', help: 'Batches and searches under way', kind: 'gauge', read: () => status().long },
  { name: 'service_time_seconds', help: 'Moving mean of what one request takes', kind: 'gauge', read: () => status().serviceMs / 1_000 },
  {
    name: 'refused_total',
    help: 'Requests refused at the door',
    kind: 'counter',
    read: () => Object.values(status().shed).reduce((sum, count) => sum + count, 0),
  },
  { name: 'expired_total', help: 'Requests that waited too long for their turn', kind: 'counter', read: () => status().expired },
]

export const streamFigure = (count: () => number): HttpFigure => ({
  name: 'event_streams',
  help: 'Open streams of live events',
  kind: 'gauge',
  read: count,
})
