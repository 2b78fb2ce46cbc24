import { existsSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { REGISTRY_FILE, type Entry, type ProcessRegistry, openProcessRegistry } from './process-registry.ts'
import { endProcess, isAlive } from './processes.ts'
import { removeContainer } from './servers/docker.ts'

const SERVICE_MS = 12_000
const SERVER_MS = 30_000

const isThere = ({ process, container }: Entry): boolean =>
  container !== undefined || (process !== undefined && isAlive(process))

// The way in closes first, what others need goes last.
const phases: ((entry: Entry) => boolean)[] = [
  ({ kind, name }) => kind === 'service' && name.startsWith('gateway'),
  ({ kind, name }) => kind === 'service' && !name.startsWith('gateway'),
  ({ kind, name }) => kind === 'server' && name !== 'epmd',
  ({ kind, name }) => kind === 'server' && name === 'epmd',
]

/** Ends what the registry still has, as far as it is wanted; returns the names of what still ran. */
export const endRegistered = async (
  registry: ProcessRegistry,
  wanted: (entry: Entry) => boolean = () => true,
): Promise<string[]> => {
  const entries = registry.entries().filter(wanted)
  const running = entries.filter(isThere).map(({ name }) => name)
  for (const phase of phases) {
    await Promise.all(
      entries.filter(phase).map(async ({ name, kind, process, container }) => {
        if (process) await endProcess(process, kind === 'server' ? SERVER_MS : SERVICE_MS)
        if (container) await removeContainer(container)
        registry.remove(name)
      }),
    )
  }
  return running
}

/** The ledgers of a data directory and of those inside it (tests have some). */
export const registriesIn = (dataDir: string): ProcessRegistry[] => {
  if (!existsSync(dataDir)) return []
  return readdirSync(dataDir, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith(REGISTRY_FILE))
    .map((file) => openProcessRegistry(dirname(join(dataDir, file))))
}
