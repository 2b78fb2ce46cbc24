import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { Failure } from '../reporting.ts'
import { lastLines } from '../files.ts'
import { launch } from '../processes.ts'
import { findProgram } from './find-binaries.ts'
import type { ServerName } from './handle.ts'

const packages: Record<ServerName, string[]> = {
  mysql: ['mariadb-server-core', 'mariadb-client-core'],
  rabbitmq: ['rabbitmq-server'],
}

export const installCommand = (servers: ServerName[]): string =>
  `apt-get install ${servers.flatMap((server) => packages[server]).join(' ')}`

/** Why this machine's packages cannot be installed here, or nothing if they can. */
export const findInstallProblem = (): string | undefined => {
  if (!existsSync('/etc/debian_version') || !findProgram('apt-get')) return 'this is not Debian or Ubuntu'
  return process.getuid?.() === 0 ? undefined : 'installing packages takes root'
}

/** Installs the distribution's servers; their system services are neither started nor left to start at boot. */
export const installPackages = async (servers: ServerName[], dataDir: string): Promise<void> => {
  const log = join(dataDir, 'logs', 'apt.log')
  const script = join(import.meta.dirname, 'install-packages.sh')
  const names = servers.flatMap((server) => packages[server])
  // One installation at a time, also beside another checkout: the first to end takes the policy away.
  const { exited, failed } = launch('flock', ['/var/lib/dpkg', 'sh', script, ...names], { log })
  const { code } = await Promise.race([exited, failed])
  if (code === 0) return
  throw new Failure(`${installCommand(servers)} failed: see the end of ${log}.`, lastLines(log))
}
