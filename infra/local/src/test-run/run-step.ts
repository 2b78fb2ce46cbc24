import { type ChildProcess, spawn } from 'node:child_process'
import { delimiter, join } from 'node:path'
import { checkout, defaultDataDir } from '../files.ts'

export type Outcome = { name: string; passed: number; failed: number; ms: number }

// The programs of the workspace, and its Node, whatever the shell has.
const bin = join(checkout, 'node_modules', '.bin')
const path = `${bin}${delimiter}${process.env['PATH'] ?? ''}`

// Spares each of some hundred short-lived processes the compiling and stripping of types.
const compileCache = join(defaultDataDir, 'test', 'compile-cache')

const running = new Set<ChildProcess>()

/** Ends the programs that run now: a signal to the launcher alone does not reach them. */
export const stopPrograms = (): void => {
  for (const child of running) child.kill()
}

/** Runs a program of the workspace to its end: shown as it goes, or collected to be shown if it fails. */
export const runProgram = (
  command: string,
  args: string[],
  { env = {}, collect = false }: { env?: Record<string, string>; collect?: boolean } = {},
): Promise<{ code: number; output: string }> =>
  new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd: checkout,
      env: { NODE_COMPILE_CACHE: compileCache, ...process.env, ...env, PATH: path },
      stdio: ['ignore', collect ? 'pipe' : 'inherit', collect ? 'pipe' : 'inherit'],
    })
    running.add(child)
    let output = ''
    child.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()))
    child.stderr?.on('data', (chunk: Buffer) => (output += chunk.toString()))
    child.once('error', (error) => resolve({ code: 127, output: error.message }))
    child.once('close', (code) => {
      running.delete(child)
      resolve({ code: code ?? 1, output })
    })
  })
