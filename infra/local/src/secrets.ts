import { createHmac, randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { readJson, writeJson } from './files.ts'

const generate = () => ({
  /** Names this data, so that Docker volumes of a deleted data directory are not taken for its successor's. */
  id: randomBytes(4).toString('hex'),
  mysql: randomBytes(18).toString('base64url'),
  rabbitmq: randomBytes(18).toString('base64url'),
  services: randomBytes(32).toString('base64url'),
  internalToken: randomBytes(32).toString('base64url'),
  orderTokenSecret: randomBytes(32).toString('base64url'),
  adminPassword: randomBytes(12).toString('base64url'),
})

export type Secrets = ReturnType<typeof generate>

/** The secrets of one data directory, made at its first start. */
export const secretsOf = (dataDir: string): Secrets => {
  const file = join(dataDir, 'secrets.json')
  const kept = readJson<Partial<Secrets>>(file)
  const secrets = { ...generate(), ...kept }
  if (Object.keys(secrets).length !== Object.keys(kept ?? {}).length) writeJson(file, secrets)
  return secrets
}

/** The password of one database or broker user. */
export const passwordFor = (secrets: Secrets, user: string): string =>
  createHmac('sha256', secrets.services).update(user).digest('base64url').slice(0, 24)
