import { createHash } from 'node:crypto'
import { Failure, messageOf } from '../reporting.ts'
import { idOf } from '../files.ts'
import { DATA_LABEL, docker, lastLinesOf, removeContainer } from './docker.ts'
import { type ServerHandle, type ServerName, type Setting, displayName, untilReady } from './handle.ts'

type Container = {
  server: ServerName
  image: string
  dataPath: string
  /** Ports of this machine, by ports of the container. */
  ports: Record<number, number>
  hostname?: string
  /** Settings, passed on by name only: their values are secrets. */
  env: Record<string, string>
  args: string[]
  url: string
  managementUrl?: string
  probe: () => Promise<string>
}

const containerOf = (dataDir: string, server: ServerName): string => `storewright-${idOf(dataDir)}-${server}`

export const isContainerRunning = async ({ dataDir }: Setting, server: ServerName): Promise<boolean> =>
  (await docker(['ps', '--quiet', '--filter', `name=^/${containerOf(dataDir, server)}$`])) !== ''

const START_WITHIN_MS = 180_000

/** A server in a container of its own whose data is in a volume, so that stopping removes the container only. */
export const startContainer = async (setting: Setting, container: Container): Promise<ServerHandle> => {
  const { dataDir, secrets, registry, note } = setting
  const { server, image, env, probe } = container
  const name = containerOf(dataDir, server)
  const volume = `${name}-${secrets.id}`
  const label = ['--label', `${DATA_LABEL}=${dataDir}`]
  const definition = [
    ...label,
    ...(container.hostname ? ['--hostname', container.hostname] : []),
    ...Object.entries(container.ports).flatMap(([inside, outside]) => [
      '-p',
      `127.0.0.1:${outside}:${inside}`,
    ]),
    ...Object.keys(env).flatMap((variable) => ['--env', variable]),
    ...['--volume', `${volume}:${container.dataPath}`, image, ...container.args],
  ]
  const fingerprint = createHash('sha256').update(definition.join('\n')).digest('hex').slice(0, 16)

  const inspect = async (): Promise<{ running: boolean; fingerprint: string } | undefined> => {
    const format = '{{.State.Running}} {{index .Config.Labels "storewright.fingerprint"}}'
    const found = await docker(['container', 'inspect', '--format', format, name]).catch(() => undefined)
    const [running, printed = ''] = found?.split(' ') ?? []
    return found === undefined ? undefined : { running: running === 'true', fingerprint: printed }
  }

  const start = async (): Promise<string> => {
    let state = await inspect()
    if (state && state.fingerprint !== fingerprint) {
      await removeContainer(name)
      state = undefined
    }
    registry.record({ name: server, kind: 'server', container: name })
    if (state) {
      if (!state.running) await docker(['start', name])
    } else {
      await docker(['volume', 'create', ...label, volume])
      const fresh = ['run', '--detach', '--name', name, '--label', `storewright.fingerprint=${fingerprint}`]
      await docker([...fresh, ...definition], { env: { ...process.env, ...env } })
    }
    return untilReady(probe, START_WITHIN_MS, async () => {
      if ((await inspect())?.running) return undefined
      const lines = await lastLinesOf(name).catch(() => [])
      return new Failure(
        `${displayName[server]} (${image}) stopped while it was starting: see \`docker logs ${name}\`.`,
        lines,
      )
    })
  }

  note(server, `starting ${image} in Docker`)
  const version = await start().catch((error: unknown) => {
    if (error instanceof Failure) throw error
    throw new Failure(
      `${displayName[server]} did not start in Docker (${messageOf(error)}): see \`docker logs ${name}\`, or use installed servers with STOREWRIGHT_SERVERS=binaries.`,
    )
  })

  return {
    origin: 'docker',
    version,
    url: container.url,
    ...(container.managementUrl && { managementUrl: container.managementUrl }),
    container: name,
    log: `docker logs ${name}`,
    start: async () => void (await start()),
    stop: async () => {
      await removeContainer(name)
      registry.remove(server)
    },
    kill: async () => void (await docker(['kill', name])),
    isRunning: async () => (await inspect())?.running ?? false,
  }
}
