import { join } from 'node:path'
import type { ServiceDefinition } from '../../src/index.ts'

export const stubEntry = join(import.meta.dirname, 'stub-service.ts')

/** A small shop of stubs: two services and a gateway. */
export const stubServices = (): ServiceDefinition[] => [
  { name: 'user', entry: stubEntry, database: false, env: () => ({}) },
  {
    name: 'order',
    entry: stubEntry,
    database: true,
    env: ({ urlsOf }) => ({ USER_URL: urlsOf('user').join(',') }),
  },
  {
    name: 'gateway',
    entry: stubEntry,
    database: true,
    env: ({ urlsOf }) => ({ ORDER_URL: urlsOf('order').join(',') }),
  },
]
