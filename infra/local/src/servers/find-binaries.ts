import { execFileSync } from 'node:child_process'
import { accessSync, constants, existsSync, readdirSync, realpathSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'

// A user's PATH often lacks the folders for servers.
const folders = (): string[] => [
  ...(process.env['PATH'] ?? '').split(delimiter).filter(Boolean),
  ...['/usr/sbin', '/usr/local/sbin', '/usr/bin', '/usr/libexec', '/opt/homebrew/bin', '/opt/homebrew/sbin'],
  ...[
    '/usr/local/bin',
    '/usr/local/mysql/bin',
    '/usr/local/opt/rabbitmq/sbin',
    '/opt/homebrew/opt/rabbitmq/sbin',
  ],
]

const isExecutable = (file: string): boolean => {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}

export const findProgram = (...names: string[]): string | undefined =>
  names.flatMap((name) => folders().map((folder) => join(folder, name))).find(isExecutable)

const versionOf = (program: string): string => {
  try {
    return execFileSync(program, ['--no-defaults', '--version'], { stdio: 'pipe' }).toString()
  } catch {
    return ''
  }
}

export type MysqlBinaries = {
  flavour: 'mariadb' | 'mysql'
  server: string
  installer?: string
  version: string
}

const isAtLeast = (version: string, major: number, minor: number): boolean => {
  const [actualMajor = 0, actualMinor = 0] = version.split('.').map(Number)
  return actualMajor > major || (actualMajor === major && actualMinor >= minor)
}

/** An installed database server that can do what the services need, or what is wrong with the one there is. */
export const findMysql = (): MysqlBinaries | { missing: string } => {
  const server = findProgram('mariadbd', 'mysqld')
  if (!server) return { missing: 'no mariadbd or mysqld is installed' }
  // Debian's mysqld is a link to mariadbd: only its version shows which it is.
  const text = versionOf(server)
  const version = /Ver ([\d.]+)/.exec(text)?.[1] ?? '0'
  if (!/mariadb/i.test(text)) {
    if (!isAtLeast(version, 8, 0)) return { missing: `${server} is MySQL ${version}, older than 8.0` }
    return { flavour: 'mysql', server, version }
  }
  if (!isAtLeast(version, 10, 6)) return { missing: `${server} is MariaDB ${version}, older than 10.6` }
  const installer = findProgram('mariadb-install-db', 'mysql_install_db')
  if (!installer || !findProgram('my_print_defaults')) {
    return { missing: `${server} is installed without mariadb-install-db or my_print_defaults` }
  }
  return { flavour: 'mariadb', server, installer, version }
}

export type RabbitmqBinaries = { server: string; epmd: string }

// Debian's /usr/sbin/rabbitmq-server changes to a system user, which a private instance must not.
const findBrokerScript = (): string | undefined => {
  const debian = '/usr/lib/rabbitmq/bin/rabbitmq-server'
  if (isExecutable(debian)) return debian
  const found = findProgram('rabbitmq-server')
  return found && realpathSync(found)
}

const findEpmd = (): string | undefined => {
  const found = findProgram('epmd')
  if (found) return found
  const erl = findProgram('erl')
  const roots = [
    '/usr/lib/erlang',
    '/usr/local/lib/erlang',
    ...(erl ? [dirname(dirname(realpathSync(erl)))] : []),
  ]
  return roots
    .filter((root) => existsSync(root))
    .flatMap((root) => readdirSync(root).map((folder) => join(root, folder, 'bin', 'epmd')))
    .find(isExecutable)
}

/** An installed broker, or what is missing. */
export const findRabbitmq = (): RabbitmqBinaries | { missing: string } => {
  const server = findBrokerScript()
  if (!server) return { missing: 'no rabbitmq-server is installed' }
  const epmd = findEpmd()
  return epmd ? { server, epmd } : { missing: `${server} is installed without Erlang's epmd` }
}
