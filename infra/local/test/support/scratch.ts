import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { endRegistered, registriesIn } from '../../src/orphan-processes.ts'
import { findDocker, removeEverythingIn } from '../../src/servers/docker.ts'

/** A data directory for one test; whatever a failed test leaves in it is ended. */
export const scratchDataDir = (): string => {
  const dataDir = mkdtempSync(join(tmpdir(), 'launcher-'))
  onTestFinished(async () => {
    for (const registry of registriesIn(dataDir)) await endRegistered(registry)
    if ((await findDocker()) === undefined) await removeEverythingIn(dataDir)
    rmSync(dataDir, { recursive: true, force: true })
  })
  return dataDir
}

/** Runs a script that starts something and is then killed with `kill -9`, as a crashed launcher. */
export const crashAfterStart = async (script: string, args: string[]): Promise<void> => {
  const file = join(import.meta.dirname, script)
  const child = spawn(process.execPath, [file, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
  await new Promise<void>((resolve, reject) => {
    child.stdout.on('data', (chunk: Buffer) => {
      if (chunk.includes('started')) resolve()
    })
    child.once('exit', (code) => reject(new Error(`${script} left with ${code}`)))
  })
  const gone = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGKILL')
  await gone
}
