import { join } from 'node:path'
import type { Origin } from '../config.ts'
import { Failure } from '../reporting.ts'
import { readJson, writeJson } from '../files.ts'
import { installCommand, installPackages, findInstallProblem } from './apt.ts'
import { ensureImage, findDocker } from './docker.ts'
import { findMysql, findRabbitmq } from './find-binaries.ts'
import { type ServerName, type Setting, displayName } from './handle.ts'

/** Where a server is to come from, once everything that takes is there. */
export type Found = Exclude<Origin, 'environment'>

const variable: Record<ServerName, string> = { mysql: 'MYSQL_URL', rabbitmq: 'RABBITMQ_URL' }

/** What the choice depends on; tests put machines of every kind in its place. */
export type Machine = {
  findDockerProblem: (server: ServerName, setting: Setting) => Promise<string | undefined>
  findBinariesProblem: (server: ServerName) => string | undefined
  findInstallProblem: () => string | undefined
  install: (servers: ServerName[], dataDir: string) => Promise<void>
}

/** Which origins the data of a data directory is with, so that the next start goes on with it. */
const savedOrigins = (dataDir: string) => {
  const file = join(dataDir, 'servers.json')
  return {
    find: (server: ServerName) => readJson<Partial<Record<ServerName, Found>>>(file)?.[server],
    save: (server: ServerName, origin: Found) =>
      writeJson(file, { ...readJson<object>(file), [server]: origin }),
  }
}

const findDockerProblem: Machine['findDockerProblem'] = async (server, { config, note }) => {
  const absentDocker = await findDocker()
  if (absentDocker) return absentDocker.missing
  const image = { mysql: config.mysqlImage, rabbitmq: config.rabbitmqImage }[server]
  const absentImage = await ensureImage(image, (text) => note(server, text))
  return absentImage?.missing
}

const findBinariesProblem: Machine['findBinariesProblem'] = (server) => {
  const binaries = server === 'mysql' ? findMysql() : findRabbitmq()
  return 'missing' in binaries ? binaries.missing : undefined
}

const thisMachine: Machine = {
  findDockerProblem,
  findBinariesProblem,
  findInstallProblem,
  install: installPackages,
}

const nothingFound = (server: ServerName, reasons: string[]): Failure => {
  const choices = `start Docker, run \`${installCommand([server])}\` as root, or name a server with ${variable[server]}`
  return new Failure(`There is no ${displayName[server]} server to use: ${choices}.`, reasons)
}

/** Finds, for each server, the first origin that works; installs packages if nothing else does. */
export const chooseOrigins = async (
  servers: ServerName[],
  setting: Setting,
  machine = thisMachine,
): Promise<Map<ServerName, Found>> => {
  const { config, note, dataDir } = setting
  const forced = config.origin === 'environment' ? undefined : config.origin
  const saved = savedOrigins(dataDir)
  const found = new Map<ServerName, Found>()
  const reasons = new Map<ServerName, string[]>()

  const choose = async (server: ServerName): Promise<void> => {
    const before = forced ?? saved.find(server)
    const missing: string[] = []
    reasons.set(server, missing)
    if (before !== 'binaries') {
      note(server, 'asking Docker')
      const reason = await machine.findDockerProblem(server, setting)
      if (reason === undefined) return void found.set(server, 'docker')
      missing.push(`Docker: ${reason}.`)
      if (forced === 'docker') {
        throw new Failure(`STOREWRIGHT_SERVERS asks for Docker, but ${reason}: start Docker, or unset it.`)
      }
      if (before === 'docker') {
        throw new Failure(
          `The data of ${displayName[server]} is in Docker, but ${reason}: start Docker, or begin anew with \`npm run reset\`.`,
        )
      }
      if (!reason.startsWith('no docker')) note(server, `not from Docker: ${reason}`)
    }
    const reason = machine.findBinariesProblem(server)
    if (reason === undefined) return void found.set(server, 'binaries')
    missing.push(`Installed: ${reason}.`)
  }
  await Promise.all(servers.map(choose))

  const absent = servers.filter((server) => !found.has(server))
  const [first] = absent
  if (first !== undefined) {
    const why = machine.findInstallProblem()
    const tried = [...(reasons.get(first) ?? []), `Installing: ${why}.`]
    if (why && saved.find(first) === 'binaries' && !forced) {
      throw new Failure(
        `The data of ${displayName[first]} was written by an installed server that is gone: run \`${installCommand([first])}\` as root, or begin anew with \`npm run reset\`.`,
        tried,
      )
    }
    if (why) throw nothingFound(first, tried)
    for (const server of absent) note(server, `installing the distribution's packages`)
    await machine.install(absent, dataDir)
    for (const server of absent) {
      const reason = machine.findBinariesProblem(server)
      if (reason !== undefined) throw nothingFound(server, [`Installed, after installing: ${reason}.`])
      found.set(server, 'binaries')
    }
  }
  for (const [server, origin] of found) saved.save(server, origin)
  return found
}
