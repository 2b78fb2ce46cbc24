import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { Failure } from '../reporting.ts'
import { checkout, readJson } from '../files.ts'

export type Wiring = {
  urlsOf: (service: string) => string[]
  adminEmail: string
  adminPassword: string
  orderTokenSecret: string
}

export type ServiceDefinition = {
  name: string
  entry: string
  database: boolean
  /** Variables that the service has beyond those that all have. */
  env: (wiring: Wiring) => Record<string, string>
}

const service = (
  name: string,
  env: ServiceDefinition['env'] = () => ({}),
  database = true,
): ServiceDefinition => ({ name, entry: join(checkout, 'services', name, 'src', 'main.ts'), database, env })

const firstOf = ({ urlsOf }: Wiring, name: string): string => urlsOf(name)[0] ?? ''

/** Every deployable that comes with the shop. The gateway routes to all replicas, so it gets all their addresses. */
const ownServices: ServiceDefinition[] = [
  service('user', (wiring) => ({
    ADMIN_EMAIL: wiring.adminEmail,
    ADMIN_PASSWORD: wiring.adminPassword,
    ORDER_URL: firstOf(wiring, 'order'),
    NOTIFICATION_URL: firstOf(wiring, 'notification'),
  })),
  service('catalog'),
  service('inventory', (wiring) => ({ CATALOG_URL: firstOf(wiring, 'catalog') })),
  service('order', (wiring) => ({
    INVENTORY_URL: firstOf(wiring, 'inventory'),
    ORDER_TOKEN_SECRET: wiring.orderTokenSecret,
    PUBLIC_URL: firstOf(wiring, 'gateway'),
  })),
  // Idle nearly always: a small nursery saves a quarter of its memory.
  service('notification', () => ({ NODE_OPTIONS: '--max-semi-space-size=1' })),
  service('gateway', ({ urlsOf }) => ({
    CATALOG_URL: urlsOf('catalog').join(','),
    INVENTORY_URL: urlsOf('inventory').join(','),
    ORDER_URL: urlsOf('order').join(','),
    NOTIFICATION_URL: urlsOf('notification').join(','),
  })),
]

const NAME = /^[a-z][a-z0-9_]{0,19}$/

type Manifest = { storewright?: { service?: boolean } }

/** Others' services: folders whose package.json declares one; each must answer `/ready` on PORT. */
export const findAddedServices = (root: string, known: readonly string[]): ServiceDefinition[] =>
  ['services', 'examples'].flatMap((parent) => {
    const folders = existsSync(join(root, parent)) ? readdirSync(join(root, parent)) : []
    return folders.sort().flatMap((folderName): ServiceDefinition[] => {
      const folder = join(root, parent, folderName)
      const name = folderName.replaceAll('-', '_')
      const manifest = readJson<Manifest>(join(folder, 'package.json'))
      if (manifest?.storewright?.service !== true || known.includes(name)) return []
      const entry = join(folder, 'src', 'main.ts')
      if (!NAME.test(name)) {
        throw new Failure(
          `The folder ${folder} cannot name a service: use up to 20 lower-case letters, digits and hyphens.`,
        )
      }
      if (!existsSync(entry)) throw new Failure(`The service ${name} has no ${entry} to run.`)
      return [{ name, entry, database: true, env: () => ({}) }]
    })
  })

export const shopServices = (): ServiceDefinition[] => {
  const known = ownServices.map(({ name }) => name)
  return [...ownServices, ...findAddedServices(checkout, known)]
}
