import { readFileSync } from 'node:fs'

export type Memory = { process: string; rssMb: number; peakMb: number }

const field = (status: string, name: string) =>
  Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? 0)

/** What each process holds now and held at most, in MB, as Linux counts it. */
export const readMemory = (processes: readonly { name: string; pid: number | undefined }[]): Memory[] =>
  processes.flatMap(({ name, pid }) => {
    if (pid === undefined) return []
    try {
      const status = readFileSync(`/proc/${pid}/status`, 'utf8')
      return [
        {
          process: name,
          rssMb: Math.round(field(status, 'VmRSS') / 1_024),
          peakMb: Math.round(field(status, 'VmHWM') / 1_024),
        },
      ]
    } catch {
      // Only Linux has /proc.
      return []
    }
  })
