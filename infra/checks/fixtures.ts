/** One planted violation: the file that breaks a rule, and the rule that must report it. */
export interface Violation {
  rule: string
  path: string
  text: string
  /** Files that it takes as well, and that nobody is to complain about. */
  beside?: Record<string, string>
  /** Where it is reported, if not at the file itself: the folders of a cycle. */
  reportedAt?: string[]
}

/** A small workspace that breaks no rule; the violations go into it. */
export const cleanWorkspace: Record<string, string> = {
  'packages/contracts/src/index.ts': "import { Type } from 'typebox'\nexport const Sku = Type\n",
  'packages/database/src/index.ts': "import mysql from 'mysql2'\nexport const connect = mysql\n",
  'packages/messaging/src/index.ts':
    "import amqplib from 'amqplib'\nimport '../../database/src/index.ts'\nexport const broker = amqplib\n",
  'packages/messaging/src/correlation.ts': 'export const correlation = 1\n',
  'packages/service-kit/src/index.ts':
    "import fastify from 'fastify'\nimport '../../messaging/src/correlation.ts'\nexport const server = fastify\n",
  'packages/service-kit/src/service/start-service.ts':
    "import '../../../messaging/src/index.ts'\nexport const startService = 1\n",
  'packages/service-kit/src/run.ts': "import './service/start-service.ts'\nexport const run = 1\n",
  'packages/testing/src/index.ts': 'export const scratch = 1\n',
  'services/order/src/main.ts': "import './app.ts'\n",
  'services/order/src/app.ts':
    "import cors from '@fastify/cors'\nimport './carts/routes.ts'\nexport const app = cors\n",
  'services/order/src/carts/routes.ts':
    "import fastify from 'fastify'\nimport './queries.ts'\nexport const routes = fastify\n",
  'services/order/src/carts/queries.ts': "import { sql } from 'kysely'\nexport const findCart = sql\n",
  'services/order/src/carts/cart.ts':
    "import type { Kysely } from 'kysely'\nimport type { FastifyRequest } from 'fastify'\nexport type Cart = Kysely | FastifyRequest\n",
  'services/order/test/harness.ts':
    "import { it } from 'vitest'\nimport '../../../packages/testing/src/index.ts'\nimport '../src/app.ts'\nexport const run = it\n",
  'services/order/src/invariants/invariant-queries.ts':
    "import './payment-invariant-queries.ts'\nimport { sql } from 'kysely'\nexport const invariants = sql\n",
  'services/order/src/invariants/payment-invariant-queries.ts':
    "import { sql } from 'kysely'\nexport const paymentInvariants = sql\n",
  'services/inventory/src/invariant-queries.ts':
    "import { sql } from 'kysely'\nexport const invariants = sql\n",
  'services/catalog/src/app.ts': 'export const app = 1\n',
  'packages/ops/src/audit/audit.ts':
    "import { invariants } from '../../../../services/order/src/invariants/invariant-queries.ts'\nexport const audit = invariants\n",
}

export const boundaryViolations: Violation[] = [
  {
    rule: 'no-cycle',
    path: 'services/order/src/carts/egg.ts',
    text: "import { hen } from './hen.ts'\nexport const egg = () => hen\n",
    beside: {
      'services/order/src/carts/hen.ts': "import { egg } from './egg.ts'\nexport const hen = () => egg\n",
    },
  },
  {
    rule: 'no-cycle',
    path: 'services/order/src/carts/key.ts',
    text: "import type { Lock } from './lock.ts'\nexport type Key = { lock: Lock }\n",
    beside: {
      'services/order/src/carts/lock.ts':
        "import type { Key } from './key.ts'\nexport type Lock = { key: Key }\n",
    },
  },
  {
    rule: 'no-folder-cycle',
    path: 'services/order/src/gifts/wrap.ts',
    text: "import { paper } from '../papers/paper.ts'\nexport const wrap = paper\n",
    reportedAt: ['services/order/src/gifts', 'services/order/src/papers'],
    beside: {
      'services/order/src/gifts/ribbon.ts': 'export const ribbon = 1\n',
      'services/order/src/papers/paper.ts': 'export const paper = 1\n',
      'services/order/src/papers/bow.ts':
        "import { ribbon } from '../gifts/ribbon.ts'\nexport const bow = ribbon\n",
    },
  },
  {
    rule: 'queries-only-from-their-folder',
    path: 'services/order/src/gifts/peek.ts',
    text: "import '../carts/queries.ts'\n",
  },
  {
    rule: 'queries-only-from-their-folder',
    path: 'services/order/src/peek.ts',
    text: "import './carts/queries.ts'\n",
  },
  { rule: 'not-found', path: 'services/order/src/carts/lost.ts', text: "import './nowhere.ts'\n" },
  {
    rule: 'no-service-to-service',
    path: 'services/order/src/carts/nosy.ts',
    text: "import type { app } from '../../../catalog/src/app.ts'\nexport type Nosy = typeof app\n",
  },
  {
    rule: 'packages-know-no-service',
    path: 'packages/client/src/nosy.ts',
    text: "import '../../../services/catalog/src/app.ts'\n",
  },
  {
    rule: 'packages-know-no-service',
    path: 'packages/ops/src/audit/nosy.ts',
    text: "import '../../../../services/catalog/src/app.ts'\n",
  },
  {
    rule: 'packages-know-no-service',
    path: 'packages/ops/src/audit/queries-reader.ts',
    text: "import '../../../../services/order/src/carts/queries.ts'\n",
  },
  {
    rule: 'packages-know-no-service',
    path: 'packages/replay/src/audit/invariants-reader.ts',
    text: "import '../../../../services/order/src/invariants/invariant-queries.ts'\n",
  },
  {
    rule: 'only-the-audit-reads-invariants',
    path: 'packages/replay/src/audit/invariants-reader.ts',
    text: "import '../../../../services/order/src/invariants/invariant-queries.ts'\n",
  },
  {
    rule: 'only-the-audit-reads-invariants',
    path: 'services/order/src/carts/audited.ts',
    text: "import '../invariants/payment-invariant-queries.ts'\n",
  },
  {
    rule: 'only-the-audit-reads-invariants',
    path: 'services/inventory/src/audited.ts',
    text: "import './invariant-queries.ts'\n",
  },
  {
    rule: 'queries-only-from-their-folder',
    path: 'services/order/src/carts/audited.ts',
    text: "import '../invariants/payment-invariant-queries.ts'\n",
  },
  { rule: 'contracts-stay-pure', path: 'packages/contracts/src/heavy.ts', text: "import 'fastify'\n" },
  {
    rule: 'packages-keep-their-rank',
    path: 'packages/messaging/src/climber.ts',
    text: "import '../../service-kit/src/index.ts'\n",
  },
  {
    rule: 'packages-keep-their-rank',
    path: 'packages/service-kit/src/climber.ts',
    text: "import '../../messaging/src/index.ts'\n",
  },
  {
    rule: 'http-loads-without-the-broker',
    path: 'packages/service-kit/src/http/loads-the-broker.ts',
    text: "import '../service/start-service.ts'\n",
  },
  {
    rule: 'database-stands-alone',
    path: 'packages/database/src/sociable.ts',
    text: "import '../../contracts/src/index.ts'\n",
  },
  {
    rule: 'sql-only-in-queries',
    path: 'services/order/src/carts/price-cart.ts',
    text: "import { sql } from 'kysely'\nexport const price = sql\n",
  },
  {
    rule: 'fastify-only-at-the-edge',
    path: 'services/order/src/carts/take-cart.ts',
    text: "import fastify from 'fastify'\nexport const take = fastify\n",
  },
  {
    rule: 'drivers-behind-their-package-mysql2',
    path: 'services/order/src/carts/raw-queries.ts',
    text: "import mysql from 'mysql2'\nexport const raw = mysql\n",
  },
  {
    rule: 'drivers-behind-their-package-amqplib',
    path: 'packages/database/src/rabbit.ts',
    text: "import amqplib from 'amqplib'\nexport const rabbit = amqplib\n",
  },
  {
    rule: 'test-code-stays-in-tests',
    path: 'services/order/src/carts/fake.ts',
    text: "import '../../../../packages/testing/src/index.ts'\n",
  },
  {
    rule: 'test-code-stays-in-tests',
    path: 'services/order/src/carts/harnessed.ts',
    text: "import '../../test/harness.ts'\n",
  },
  {
    rule: 'source-needs-no-dev-dependencies',
    path: 'services/order/src/carts/borrowed.ts',
    text: "import 'only-for-development'\n",
  },
  {
    rule: 'nobody-imports-an-entry',
    path: 'services/order/src/carts/starter.ts',
    text: "import '../main.ts'\n",
  },
]

/** Linted as if each were a new file in its folder, which must exist. */
export const lintViolations: Violation[] = [
  {
    rule: '@typescript-eslint/no-floating-promises',
    path: 'packages/database/src/planted.ts',
    text: 'const send = async () => 1\nexport const lose = () => {\n  send()\n}\n',
  },
  {
    rule: '@typescript-eslint/no-floating-promises',
    path: 'packages/database/src/planted.ts',
    text: '/* eslint-disable */\nconst send = async () => 1\nexport const lose = () => {\n  send()\n}\n',
  },
  {
    rule: '@typescript-eslint/no-misused-promises',
    path: 'packages/database/src/planted.ts',
    text: 'export const lose = (list: number[]) => {\n  list.forEach(async (item) => Promise.resolve(item))\n}\n',
  },
  {
    rule: '@typescript-eslint/consistent-type-imports',
    path: 'packages/database/src/planted.ts',
    text: "import { Kysely } from 'kysely'\nexport type Db = Kysely<unknown>\n",
  },
  {
    rule: '@typescript-eslint/no-explicit-any',
    path: 'packages/database/src/planted.ts',
    text: 'export const anything = (value: any) => value === 1\n',
  },
  {
    rule: 'no-restricted-properties',
    path: 'packages/database/src/planted.ts',
    text: "export const home = process.env['HOME']\n",
  },
  {
    rule: 'no-restricted-properties',
    path: 'packages/service-kit/src/http/planted.test.ts',
    text: "import { it } from 'vitest'\nit.only('hides the others', () => undefined)\n",
  },
  {
    rule: 'no-restricted-syntax',
    path: 'services/order/src/planted.ts',
    text: "import type { Kysely } from 'kysely'\nexport const all = (db: Kysely<{ carts: { id: string } }>) => db.selectFrom('carts').execute()\n",
  },
]
