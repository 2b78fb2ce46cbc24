import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { vi } from 'vitest'
import { runOps } from '../src/program.ts'

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url))

interface Printed {
  code: number | null
  stdout: string
  stderr: string
}

/** Runs a command as an operator would; its process has to end by itself. */
export const runProcess = (args: readonly string[], env: Record<string, string>) =>
  new Promise<Printed>((resolve) => {
    const { PATH, NODE_COMPILE_CACHE } = process.env
    const child = spawn(process.execPath, [main, ...args], {
      env: { PATH, ...(NODE_COMPILE_CACHE && { NODE_COMPILE_CACHE }), ...env },
    })
    const printed = { stdout: '', stderr: '' }
    child.stdout.on('data', (chunk: Buffer) => (printed.stdout += chunk.toString()))
    child.stderr.on('data', (chunk: Buffer) => (printed.stderr += chunk.toString()))
    child.once('close', (code) => resolve({ code, ...printed }))
  })

/** The same without a process of its own, which is most of what a command costs; one at a time. */
export const runHere = async (args: readonly string[], env: Record<string, string>): Promise<Printed> => {
  const printed = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const)
    vi.spyOn(process[name], 'write').mockImplementation((chunk) => {
      printed[name] += String(chunk)
      return true
    })
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value)
  process.exitCode = undefined
  try {
    await runOps(args)
    return { code: Number(process.exitCode ?? 0), ...printed }
  } finally {
    process.exitCode = undefined
    vi.unstubAllEnvs()
    vi.restoreAllMocks()
  }
}
