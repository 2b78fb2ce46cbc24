import { AsyncLocalStorage } from 'node:async_hooks'

export interface Correlation {
  readonly correlationId: string
  /** The request or event that is being handled: the cause of what is emitted next. */
  readonly causationId?: string | undefined
  readonly traceparent?: string | undefined
}

const storage = new AsyncLocalStorage<Correlation>()

/** Runs `work`, and all that it awaits, under this correlation; `emit` and the logger read it. */
export const runWithCorrelation = <T>(correlation: Correlation, work: () => T): T =>
  storage.run(correlation, work)

export const currentCorrelation = (): Correlation | undefined => storage.getStore()
