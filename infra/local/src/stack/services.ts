import { join } from 'node:path'
import { checkout } from '../files.ts'

/** What a service is told of the others and of its surroundings. */
export type Wiring = {
  /** The addresses of all replicas of a service. */
  urlsOf: (service: string) => string[]
  adminEmail: string
  adminPassword: string
  orderTokenSecret: string
}

export type ServiceDefinition = {
  name: string
  /** The file that Node runs. */
  entry: string
  /** Whether it has a schema of its own. */
  database: boolean
  /** Variables that the service has beyond those that all have. */
  env: (wiring: Wiring) => Record<string, string>
}

const entryOf = (name: string): string => join(checkout, 'services', name, 'src', 'main.ts')

const service = (
  name: string,
  env: ServiceDefinition['env'] = () => ({}),
  database = true,
): ServiceDefinition => ({ name, entry: entryOf(name), database, env })

const firstOf = ({ urlsOf }: Wiring, name: string): string => urlsOf(name)[0] ?? ''

/** Every deployable of the shop. The gateway is the way in, so it is told of all replicas. */
export const shopServices: ServiceDefinition[] = [
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
  })),
  // It is idle nearly always: a small nursery saves a quarter of its memory and costs nothing that anybody waits for.
  service('notification', () => ({ NODE_OPTIONS: '--max-semi-space-size=1' })),
  service('gateway', ({ urlsOf }) => ({
    CATALOG_URL: urlsOf('catalog').join(','),
    INVENTORY_URL: urlsOf('inventory').join(','),
    ORDER_URL: urlsOf('order').join(','),
    NOTIFICATION_URL: urlsOf('notification').join(','),
  })),
]
