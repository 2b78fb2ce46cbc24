export interface RetrySettings {
  firstMs: number
  maxMs: number
  giveUpMs: number
}

/** How long to wait after so many attempts; spread, so that what failed together does not come back together. */
export const pauseAfter = (
  attempts: number,
  { firstMs, maxMs }: Pick<RetrySettings, 'firstMs' | 'maxMs'>,
  random = Math.random(),
): number => Math.round(Math.min(firstMs * 3 ** (attempts - 1), maxMs) * (0.8 + 0.4 * random))
