import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ChildTask } from './child-process.ts'

/** Runs a task in a child process. */
export const spawnChild = (task: ChildTask) => {
  const script = join(import.meta.dirname, 'child-process.ts')
  const child = spawn(process.execPath, [script, JSON.stringify(task)], {
    stdio: ['ignore', 'ignore', 'pipe'],
    // The same modules are loaded dozens of times.
    env: { ...process.env, NODE_COMPILE_CACHE: join(tmpdir(), 'storewright-test-compile-cache') },
  })
  let errors = ''
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()))
  const ended = once(child, 'exit').then(([code, signal]) => {
    if (signal !== 'SIGKILL' && signal !== 'SIGTERM')
      throw new Error(`the child ended with ${code}: ${errors}`)
    return signal as string
  })
  ended.catch(() => undefined)
  return {
    /** The signal that killed it; rejects if it ended in another way. */
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
