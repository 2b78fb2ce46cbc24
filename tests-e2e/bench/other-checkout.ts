import { execFileSync, spawn } from 'node:child_process'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { setTimeout as pause } from 'node:timers/promises'
import type { NamedProcess } from './process-usage.ts'

const checkout = fileURLToPath(new URL('../../', import.meta.url))
const START_WITHIN_MS = 300_000

type RunFile = {
  gatewayUrl: string
  logins: { admin: { email: string; password: string } }
  servers: Record<string, { pid?: number; container?: string }>
  processes: NamedProcess[]
}

/** Starts the shop of another commit, in a work tree of its own, with its own launcher, servers and data. */
export const startCommit = async (commit: string, env: Record<string, string>) => {
  const folder = join(checkout, '.data', 'bench', 'against')
  const git = (...args: string[]) => execFileSync('git', args, { cwd: checkout, stdio: 'pipe' }).toString()
  const npm = (...args: string[]) => execFileSync('npm', args, { cwd: folder, stdio: 'ignore' })
  const remove = () => {
    if (existsSync(folder)) {
      npm('run', 'reset', '--', '--yes')
      git('worktree', 'remove', '--force', folder)
    }
    rmSync(folder, { recursive: true, force: true })
    git('worktree', 'prune')
  }

  remove()
  git('worktree', 'add', '--detach', folder, commit)
  const launcher = spawn('npm', ['start', '--', '--no-demo'], {
    cwd: folder,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const runFile = join(folder, '.data', 'run.json')
  for (const deadline = Date.now() + START_WITHIN_MS; !existsSync(runFile); await pause(200)) {
    if (launcher.exitCode !== null || Date.now() > deadline) {
      launcher.kill()
      throw new Error(`the shop of ${commit} did not start: see ${join(folder, '.data', 'logs')}`)
    }
  }
  const run = JSON.parse(readFileSync(runFile, 'utf8')) as RunFile
  return {
    gatewayUrl: run.gatewayUrl,
    admin: run.logins.admin,
    services: run.processes,
    servers: Object.entries(run.servers).map(([name, server]): NamedProcess => ({ name, ...server })),
    stop: async () => {
      npm('run', 'stop')
      while (launcher.exitCode === null) await pause(100)
      remove()
    },
  }
}
