import { join } from 'node:path'
import type { Origin } from '../config.ts'
import { Failure } from '../failure.ts'
import { readJson, writeJson } from '../files.ts'
import { installCommand, installPackages, whyNotInstall } from './apt.ts'
import { ensureImage, findDocker } from './docker.ts'
import { findMysql, findRabbitmq } from './find-binaries.ts'
import { type ServerName, type Setting, displayName } from './handle.ts'

/** Where a server is to come from, once everything that takes is there. */
export type Found = Exclude<Origin, 'environment'>

const variable: Record<ServerName, string> = { mysql: 'MYSQL_URL', rabbitmq: 'RABBITMQ_URL' }
const find = { mysql: findMysql, rabbitmq: findRabbitmq }

/** Which origins the data of a data directory is with, so that the next start goes on with it. */
const memoryOf = (dataDir: string) => {
  const file = join(dataDir, 'servers.json')
  return {
    recall: (server: ServerName) => readJson<Partial<Record<ServerName, Found>>>(file)?.[server],
    remember: (server: ServerName, origin: Found) =>
      writeJson(file, { ...readJson<object>(file), [server]: origin }),
  }
}

const fromDocker = async (server: ServerName, setting: Setting): Promise<string | undefined> => {
  const absentDocker = await findDocker()
  if (absentDocker) return absentDocker.missing
  const image = { mysql: setting.config.mysqlImage, rabbitmq: setting.config.rabbitmqImage }[server]
  const absentImage = await ensureImage(image, (text) => setting.note(server, text))
  return absentImage?.missing
}

const nothingFound = (server: ServerName, reasons: string[]): Failure => {
  const choices = `start Docker, run \`${installCommand([server])}\` as root, or name a server with ${variable[server]}`
  return new Failure(`There is no ${displayName[server]} server to use: ${choices}.`, reasons)
}

/** Finds, for each server, the first origin that works; installs packages if nothing else does. */
export const chooseOrigins = async (
  servers: ServerName[],
  setting: Setting,
): Promise<Map<ServerName, Found>> => {
  const { config, note, dataDir } = setting
  const forced = config.origin === 'environment' ? undefined : config.origin
  const memory = memoryOf(dataDir)
  const found = new Map<ServerName, Found>()
  const reasons = new Map<ServerName, string[]>()

  const choose = async (server: ServerName): Promise<void> => {
    const before = forced ?? memory.recall(server)
    const missing: string[] = []
    reasons.set(server, missing)
    if (before !== 'binaries') {
      note(server, 'asking Docker')
      const reason = await fromDocker(server, setting)
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
    const binaries = find[server]()
    if (!('missing' in binaries)) return void found.set(server, 'binaries')
    missing.push(`Installed: ${binaries.missing}.`)
  }
  await Promise.all(servers.map(choose))

  const absent = servers.filter((server) => !found.has(server))
  const [first] = absent
  if (first !== undefined) {
    const why = whyNotInstall()
    if (why) throw nothingFound(first, [...(reasons.get(first) ?? []), `Installing: ${why}.`])
    for (const server of absent) note(server, `installing the distribution's packages`)
    await installPackages(absent, dataDir)
    for (const server of absent) {
      const binaries = find[server]()
      if ('missing' in binaries) throw nothingFound(server, [`Installed: ${binaries.missing}.`])
      found.set(server, 'binaries')
    }
  }
  for (const [server, origin] of found) memory.remember(server, origin)
  return found
}
