/** Receives the progress of a part: a server, `databases`, a service or `demo shop`. */
export type Progress = (part: string, text: string, state?: 'working' | 'done' | 'failed') => void

/** How long ago, for people. */
export const secondsSince = (began: number): string => `${((Date.now() - began) / 1000).toFixed(1)} s`
