/** A training that is told to stop. */
import { DomainError } from '../../domain/error'

/** Throws `cancelled` when the signal was given. */
export function goOn(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new DomainError('cancelled', 'the training was cancelled')
}
