import { compareSync, hashSync } from 'bcryptjs'

/** `others`: hashes to be checked too where the first is not the password's, for the time that it takes. */
export type Job =
  { password: string; hash: string; others: readonly string[] } | { password: string; cost: number }

// Runs in a worker thread: the synchronous form spares the pauses in which bcryptjs yields.
export default (job: Job): string | boolean => {
  if (!('hash' in job)) return hashSync(job.password, job.cost)
  const equal = compareSync(job.password, job.hash)
  if (!equal) for (const other of job.others) compareSync(job.password, other)
  return equal
}
