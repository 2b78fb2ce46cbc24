import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../', import.meta.url))

const launch = (path: string, args: string[], env: Record<string, string>) =>
  spawn(process.execPath, [path, ...args], {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })

/** Runs a script of the project as a user would, and returns what it printed and its exit code. */
export const runScript = (path: string, args: string[] = [], env: Record<string, string> = {}) =>
  new Promise<{ code: number | null; stdout: string; stderr: string }>((resolve, reject) => {
    const child = launch(path, args, env)
    let stdout = ''
    let stderr = ''
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()))
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
    child.once('error', reject)
    child.once('close', (code) => resolve({ code, stdout, stderr }))
  })

/** Starts a script that goes on running; the returned function ends it with SIGTERM and gives its exit code. */
export const startScript = (path: string, env: Record<string, string>) => {
  const child = launch(path, [], env)
  child.stdout.resume()
  child.stderr.pipe(process.stderr)
  const closed = new Promise<number | null>((resolve) => child.once('close', resolve))
  return () => {
    child.kill('SIGTERM')
    return closed
  }
}

/** How many lines a file of the project has. */
export const linesOf = (path: string) => readFileSync(join(root, path), 'utf8').trimEnd().split('\n').length
