import { execFile } from 'node:child_process'
import { appendFileSync, existsSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Failure, messageOf } from '../reporting.ts'
import { idOf, lastLines, writeFile } from '../files.ts'
import { probeMysql } from '../probe.ts'
import type { MysqlBinaries } from './find-binaries.ts'
import { databaseOptions, type ServerHandle, type Setting } from './handle.ts'
import { privateProcess } from './private-process.ts'

const asRoot = process.getuid?.() === 0

// Unix sockets take no longer path than this on any system.
const MAX_SOCKET_PATH = 100

const createDataFolder = async (binaries: MysqlBinaries, folder: string, log: string): Promise<void> => {
  // Under another name first: a half-made folder from an interrupted start must not pass for a database.
  const draft = `${folder}.new`
  rmSync(draft, { recursive: true, force: true })
  const user = asRoot ? ['--user=root'] : []
  const [command, args] = binaries.installer
    ? [binaries.installer, ['--auth-root-authentication-method=normal', '--skip-test-db']]
    : [binaries.server, ['--initialize-insecure']]
  try {
    const run = promisify(execFile)
    const made = await run(command, ['--no-defaults', `--datadir=${draft}`, ...user, ...args])
    appendFileSync(log, made.stdout + made.stderr)
  } catch (error) {
    appendFileSync(log, `${messageOf(error)}\n`)
    const hint = existsSync('/etc/apparmor.d/usr.sbin.mysqld')
      ? ' (AppArmor may keep it out of other folders than its own: use Docker, or MYSQL_URL)'
      : ''
    throw new Failure(
      `${command} could not create the database in ${folder}${hint}: see the end of ${log}.`,
      lastLines(log),
    )
  }
  renameSync(draft, folder)
}

const settings = (lines: Record<string, string | number>): string =>
  Object.entries(lines)
    .map(([name, value]) => `${name}=${typeof value === 'string' ? `"${value}"` : value}\n`)
    .join('')

/** A database server of our own from installed binaries, on its own port and data folder. */
export const startPrivateMysql = async (setting: Setting, binaries: MysqlBinaries): Promise<ServerHandle> => {
  const { dataDir, secrets, registry, note } = setting
  // Named by what wrote it: neither can open the other's files.
  const folder = join(dataDir, binaries.flavour)
  const log = join(dataDir, 'logs', 'mysql.log')
  const left = registry.findAlive('mysql') !== undefined
  const port = await setting.portFor('mysql', left)
  if (!existsSync(folder)) {
    note('mysql', 'creating the database')
    await createDataFolder(binaries, folder, log)
  }

  const initFile = join(dataDir, 'mysql-accounts.sql')
  const grant = `GRANT ALL PRIVILEGES ON *.* TO 'root'@'%' WITH GRANT OPTION;`
  const accounts = ['%', 'localhost'].flatMap((host) => [
    `CREATE USER IF NOT EXISTS 'root'@'${host}' IDENTIFIED BY '${secrets.mysql}';`,
    `ALTER USER 'root'@'${host}' IDENTIFIED BY '${secrets.mysql}';`,
  ])
  writeFile(
    initFile,
    `${[...accounts, grant, `DROP USER IF EXISTS 'root'@'127.0.0.1', 'root'@'::1';`].join('\n')}\n`,
  )

  const socket = join(dataDir, 'mysql.sock')
  const configFile = join(dataDir, 'mysql.cnf')
  const text = settings({
    ...(asRoot && { user: 'root' }),
    datadir: folder,
    port,
    'bind-address': '127.0.0.1',
    socket: socket.length <= MAX_SOCKET_PATH ? socket : join(tmpdir(), `storewright-${idOf(dataDir)}.sock`),
    'pid-file': join(dataDir, 'mysql.pid'),
    'init-file': initFile,
    ...databaseOptions,
  })
  writeFile(configFile, `[mysqld]\n${text}`)

  const url = `mysql://root:${secrets.mysql}@127.0.0.1:${port}/`
  const server = privateProcess({
    name: 'mysql',
    title: binaries.flavour === 'mariadb' ? 'MariaDB' : 'MySQL',
    registry,
    log,
    port,
    command: binaries.server,
    args: [`--defaults-file=${configFile}`],
    probe: () => probeMysql(url),
    startWithinMs: 90_000,
    stopWithinMs: 30_000,
  })
  note('mysql', left ? 'taking over the one that still runs' : `starting ${binaries.server} on port ${port}`)
  const version = await server.start()

  return {
    origin: 'binaries',
    version,
    url,
    log,
    get pid() {
      return server.pid ?? 0
    },
    start: async () => void (await server.start()),
    stop: server.stop,
    kill: server.kill,
    isRunning: async () => server.isRunning(),
  }
}
