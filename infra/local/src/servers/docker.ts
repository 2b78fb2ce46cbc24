import { type ExecFileOptions, execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { messageOf } from '../reporting.ts'
import { findProgram } from './find-binaries.ts'

const run = promisify(execFile)

export const docker = async (args: string[], options: ExecFileOptions = {}): Promise<string> => {
  try {
    const { stdout } = await run('docker', args, { maxBuffer: 16 * 1024 ** 2, ...options })
    return stdout.toString().trim()
  } catch (error) {
    const complaint = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : ''
    throw new Error(complaint.split('\n').at(-1) || messageOf(error))
  }
}

/** Whether there is a Docker engine to use, or why not. */
export const findDocker = async (): Promise<{ missing: string } | undefined> => {
  if (!findProgram('docker')) return { missing: 'no docker command is installed' }
  try {
    const host = await docker(['context', 'inspect', '--format', '{{.Endpoints.docker.Host}}'])
    if (!/^(unix|npipe):/.test(host)) return { missing: `it runs on another machine (${host})` }
    await docker(['version', '--format', '{{.Server.Version}}'], { timeout: 8_000 })
    return undefined
  } catch (error) {
    return { missing: `its daemon does not answer (${messageOf(error)})` }
  }
}

export const lastLinesOf = async (container: string): Promise<string[]> => {
  const { stdout, stderr } = await run('docker', ['logs', '--tail', '8', container])
  return `${stdout}${stderr}`.trim().split('\n')
}

/** Pulls the image if it is not here; returns the reason if it cannot be pulled. */
export const ensureImage = async (
  image: string,
  note: (text: string) => void,
): Promise<{ missing: string } | undefined> => {
  try {
    await docker(['image', 'inspect', '--format', 'here', image])
    return undefined
  } catch {
    note(`pulling the image ${image}`)
  }
  try {
    await docker(['pull', '--quiet', image])
    return undefined
  } catch (error) {
    return { missing: `the image ${image} cannot be pulled (${messageOf(error)})` }
  }
}

/** What was started for a data directory carries this label, so that a reset finds it all. */
export const DATA_LABEL = 'storewright.data'

const STOP_WITHIN_SECONDS = 30

/** Stops and removes a container; its volume, with the data, stays. */
export const removeContainer = async (container: string): Promise<void> => {
  const exists = await docker(['ps', '--all', '--quiet', '--filter', `name=^/${container}$`])
  if (!exists) return
  await docker(['stop', '-t', String(STOP_WITHIN_SECONDS), container])
  // Another process (a forced stop) may remove it at the same time.
  await docker(['rm', '--force', container]).catch(() => undefined)
}

export const removeEverythingIn = async (dataDir: string): Promise<string[]> => {
  const removed: string[] = []
  for (const kind of ['container', 'volume']) {
    const format = `{{.${kind === 'container' ? 'Names' : 'Name'}}}\t{{.Label "${DATA_LABEL}"}}`
    const all = kind === 'container' ? ['--all'] : []
    const listed = await docker([kind, 'ls', ...all, '--filter', `label=${DATA_LABEL}`, '--format', format])
    for (const line of listed.split('\n').filter(Boolean)) {
      const [name = '', owner = ''] = line.split('\t')
      if (owner !== dataDir && !owner.startsWith(`${dataDir}/`)) continue
      await docker([kind, 'rm', '--force', name])
      removed.push(name)
    }
  }
  return removed
}
