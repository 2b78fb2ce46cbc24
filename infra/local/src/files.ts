import { createHash, randomUUID } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  statfsSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { Failure, codeOf, messageOf } from './reporting.ts'

export const checkout = resolve(import.meta.dirname, '../../..')

export const defaultDataDir = join(checkout, '.data')

const MINIMUM_FREE_MB = 700

/** Makes the data directory, or throws a Failure with the reason why it cannot hold the servers' data. */
export const prepareDataDir = (dataDir: string): string => {
  try {
    mkdirSync(join(dataDir, 'logs'), { recursive: true, mode: 0o700 })
  } catch (error) {
    const reason = codeOf(error) === 'ENOSPC' ? 'the disk is full' : messageOf(error)
    throw new Failure(`Cannot write to ${dataDir} (${reason}): make it writable for you, or free some space.`)
  }
  const { bavail, bsize } = statfsSync(dataDir)
  const freeMb = Math.floor((bavail * bsize) / 1024 ** 2)
  if (freeMb < MINIMUM_FREE_MB) {
    throw new Failure(
      `Only ${freeMb} MB are free on the disk of ${dataDir}, the servers need ${MINIMUM_FREE_MB} MB: free some space and start again.`,
    )
  }
  return realpathSync(dataDir)
}

/** Short and the same for one data directory: names containers, volumes, broker nodes, sockets. */
export const idOf = (dataDir: string): string =>
  createHash('sha256').update(resolve(dataDir)).digest('hex').slice(0, 10)

/** Replaces the file at once, so that a reader never meets half of it; readable by its owner only. */
export const writeFile = (file: string, text: string): void => {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  const draft = `${file}.${randomUUID()}`
  writeFileSync(draft, text, { mode: 0o600 })
  renameSync(draft, file)
}

export const writeJson = (file: string, value: unknown): void =>
  writeFile(file, `${JSON.stringify(value, null, 2)}\n`)

/** A JSON file of our own, or nothing if there is none (or a crash left half of one). */
export const readJson = <T>(file: string): T | undefined => {
  if (!existsSync(file)) return undefined
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as T
  } catch {
    return undefined
  }
}

export const lastLines = (file: string, count = 8): string[] => {
  if (!existsSync(file)) return []
  return readFileSync(file, 'utf8').trimEnd().split('\n').slice(-count)
}
