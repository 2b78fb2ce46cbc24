import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Part } from './child.ts'

/** Starts a part in a process of its own. */
export const spawnPart = (part: Part) => {
  const script = join(import.meta.dirname, 'child.ts')
  const child = spawn(process.execPath, [script, JSON.stringify(part)], {
    stdio: ['ignore', 'ignore', 'pipe'],
    // The same modules are loaded dozens of times.
    env: { ...process.env, NODE_COMPILE_CACHE: join(tmpdir(), 'storewright-test-compile-cache') },
  })
  let complaints = ''
  child.stderr.on('data', (chunk: Buffer) => (complaints += chunk.toString()))
  const ended = once(child, 'exit').then(([code, signal]) => {
    if (signal !== 'SIGKILL' && signal !== 'SIGTERM')
      throw new Error(`the part ended with ${code}: ${complaints}`)
    return signal as string
  })
  ended.catch(() => undefined)
  return {
    /** The signal that ended it; rejects if it ended in any other way. */
    ended,
    get running() {
      return child.exitCode === null && child.signalCode === null
    },
    kill: async () => {
      child.kill('SIGKILL')
      await ended
    },
  }
}
