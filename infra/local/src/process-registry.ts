import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { readJson, writeJson } from './files.ts'
import { type Identity, isAlive } from './processes.ts'

/** One process or container that was started and not yet ended. */
export type Entry = {
  name: string
  kind: 'server' | 'service'
  process?: Identity
  container?: string
  port?: number
  log?: string
}

export const REGISTRY_FILE = 'processes.json'

/** What was started for a data directory, on disk, so that after a crash the next start finds what is left. */
export const openProcessRegistry = (dataDir: string) => {
  const file = join(dataDir, REGISTRY_FILE)
  const entries = (): Entry[] => readJson<Entry[]>(file) ?? []
  const write = (kept: Entry[]): void => {
    if (kept.length > 0) writeJson(file, kept)
    else if (existsSync(file)) rmSync(file)
  }
  return {
    entries,
    record: (entry: Entry): void => write([...entries().filter(({ name }) => name !== entry.name), entry]),
    remove: (name: string): void => write(entries().filter((entry) => entry.name !== name)),
    findAlive: (name: string): (Entry & { process: Identity }) | undefined => {
      const entry = entries().find((candidate) => candidate.name === name)
      return entry?.process && isAlive(entry.process) ? { ...entry, process: entry.process } : undefined
    },
  }
}

export type ProcessRegistry = ReturnType<typeof openProcessRegistry>
