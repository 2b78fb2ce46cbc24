import { compareSync, hashSync } from 'bcryptjs'

export type Job = { password: string; hash: string } | { password: string; cost: number }

// Runs in a worker thread: the synchronous form spares the pauses in which bcryptjs yields.
export default (job: Job): string | boolean =>
  'hash' in job ? compareSync(job.password, job.hash) : hashSync(job.password, job.cost)
