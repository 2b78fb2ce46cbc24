import { join } from 'node:path'
import type { ServiceDefinition } from '../../src/index.ts'

const entry = join(import.meta.dirname, 'stub-service.ts')

/** A small shop of stubs: two services and a gateway. */
export const stubServices = (): ServiceDefinition[] => [
  { name: 'user', entry, database: false, env: () => ({}) },
  { name: 'order', entry, database: true, env: ({ urlsOf }) => ({ USER_URL: urlsOf('user').join(',') }) },
  {
    name: 'gateway',
    entry,
    database: true,
    env: ({ urlsOf }) => ({ ORDER_URL: urlsOf('order').join(',') }),
  },
]
