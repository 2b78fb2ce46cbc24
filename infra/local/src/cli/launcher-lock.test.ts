import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { identify } from '../processes.ts'
import { takeLock } from './launcher-lock.ts'

const scratch = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'lock-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  return folder
}

describe('takeLock', () => {
  it('gives the lock to one launcher at a time and names its holder to the second', () => {
    const dataDir = scratch()
    const first = takeLock(dataDir)
    expect(takeLock(dataDir)).toEqual({ heldBy: identify(process.pid) })
    if ('release' in first) first.release()
    expect(takeLock(dataDir)).toHaveProperty('release')
  })

  it('takes over the lock of a launcher that has ended, even if its process id is in use again', () => {
    const dataDir = scratch()
    const file = join(dataDir, 'launcher.json')
    writeFileSync(file, JSON.stringify({ pid: process.pid, began: 'another time' }))
    expect(takeLock(dataDir)).toHaveProperty('release')
    expect(existsSync(file)).toBe(true)
    expect(readdirSync(dataDir)).toEqual(['launcher.json'])
  })

  it('takes over the lock of a launcher that was killed while it wrote the lock file', () => {
    const dataDir = scratch()
    writeFileSync(join(dataDir, 'launcher.json'), '{"pid":')
    expect(takeLock(dataDir)).toHaveProperty('release')
  })
})
