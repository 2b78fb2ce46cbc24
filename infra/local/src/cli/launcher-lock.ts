import { existsSync, linkSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { codeOf } from '../reporting.ts'
import { readJson } from '../files.ts'
import { type Identity, identify, isAlive } from '../processes.ts'

const fileOf = (dataDir: string): string => join(dataDir, 'launcher.json')

export const runningLauncher = (dataDir: string): Identity | undefined => {
  const identity = readJson<Identity>(fileOf(dataDir))
  return identity && isAlive(identity) ? identity : undefined
}

/** Makes this process the only launcher of a data directory, or returns the one there is. */
export const takeLock = (dataDir: string): { release: () => void } | { heldBy: Identity } => {
  const file = fileOf(dataDir)
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  const aside = `${file}.${process.pid}`
  for (;;) {
    const heldBy = runningLauncher(dataDir)
    if (heldBy) return { heldBy }
    try {
      if (existsSync(file)) {
        renameSync(file, aside)
        const moved = readJson<Identity>(aside)
        if (moved && isAlive(moved)) linkSync(aside, file)
        rmSync(aside)
        continue
      }
      // A link appears with its content at once, and only if there is none.
      writeFileSync(aside, JSON.stringify(identify(process.pid)), { mode: 0o600 })
      linkSync(aside, file)
      rmSync(aside)
      return { release: () => rmSync(file, { force: true }) }
    } catch (error) {
      rmSync(aside, { force: true })
      if (codeOf(error) !== 'EEXIST' && codeOf(error) !== 'ENOENT') throw error
    }
  }
}
