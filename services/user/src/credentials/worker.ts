import { compareSync, hashSync } from 'bcryptjs'

/** `others`: hashes to be checked too where the first is not the password's, for the time that it takes. */
export type Job =
  { password: string; hash: string; others: readonly string[] } | { password: string; cost: number }

/** The hash, or whether the password fits it, and how long that took. */
export interface Done {
  result: string | boolean
  ms: number
}

const work = (job: Job): string | boolean => {
  if (!('hash' in job)) return hashSync(job.password, job.cost)
  const equal = compareSync(job.password, job.hash)
  if (!equal) for (const other of job.others) compareSync(job.password, other)
  return equal
}

// Runs in a worker thread: the synchronous form spares the pauses in which bcryptjs yields.
export default (job: Job): Done => {
  const began = performance.now()
  return { result: work(job), ms: performance.now() - began }
}
