import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'

/** A process by name; one that runs in a container is known by the container. */
export type NamedProcess = { name: string; pid?: number | undefined; container?: string | undefined }

export type Memory = { process: string; pssMb: number; peakMb: number }

const read = (path: string): string => {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    // It has ended, or this is no Linux and there is no /proc.
    return ''
  }
}

const kilobytes = (text: string, name: string) =>
  Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)?.[1] ?? 0)

/**
 * What each process holds now, as PSS in MB (memory that several processes share is divided among them), and its
 * RSS at the most.
 */
export const readMemory = (processes: readonly NamedProcess[]): Memory[] =>
  processes.flatMap(({ name, pid }) => {
    const pss = kilobytes(read(`/proc/${pid ?? 0}/smaps_rollup`), 'Pss')
    const peak = kilobytes(read(`/proc/${pid ?? 0}/status`), 'VmHWM')
    return pss === 0
      ? []
      : [{ process: name, pssMb: Math.round(pss / 1_024), peakMb: Math.round(peak / 1_024) }]
  })

const TICKS_PER_SECOND = 100

/** From /proc/PID/stat (proc_pid_stat(5)): fields 4, 14 and 15; the name in field 2 may hold blanks. */
const readStat = (pid: number): { parent: number; cpuMs: number } | undefined => {
  const fields = read(`/proc/${pid}/stat`)
    .replace(/^.*\) /s, '')
    .split(' ')
  if (fields.length < 14) return undefined
  const ticks = Number(fields[11]) + Number(fields[12])
  return { parent: Number(fields[1]), cpuMs: (ticks * 1_000) / TICKS_PER_SECOND }
}

const pidOf = ({ pid, container }: NamedProcess): number =>
  pid ??
  (container === undefined
    ? 0
    : Number(
        execFileSync('docker', ['inspect', '--format', '{{.State.Pid}}', container], { encoding: 'utf8' }),
      ))

/** CPU time in milliseconds, user and system, that each of the processes and all below it have used so far. */
export const readCpuMs = (processes: readonly NamedProcess[]): Map<string, number> => {
  const stats = new Map(
    readdirSync('/proc')
      .filter((entry) => /^\d+$/.test(entry))
      .map((entry) => [Number(entry), readStat(Number(entry))] as const),
  )
  const nameOf = new Map(processes.map((process) => [pidOf(process), process.name]))
  const ownerOf = (pid: number): string | undefined => {
    for (let at = pid; at > 1; at = stats.get(at)?.parent ?? 0) if (nameOf.has(at)) return nameOf.get(at)
    return undefined
  }
  const used = new Map(processes.map(({ name }) => [name, 0]))
  for (const [pid, stat] of stats) {
    const owner = ownerOf(pid)
    if (owner !== undefined) used.set(owner, (used.get(owner) ?? 0) + (stat?.cpuMs ?? 0))
  }
  return used
}

/** As `readCpuMs`, of all of them together. */
export const readCpuMsInAll = (processes: readonly NamedProcess[]): number =>
  [...readCpuMs(processes).values()].reduce((sum, ms) => sum + ms, 0)
