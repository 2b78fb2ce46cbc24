import { mkdir, writeFile } from 'node:fs/promises'
import { cpus } from 'node:os'
import { dirname } from 'node:path'
import { parseArgs } from 'node:util'
import { openShop } from '@storewright/client'
import { readConfig, requireSetting } from '@storewright/ops/config'
import { startOwnStack, type OwnStack } from '../support/own-stack.ts'
import { measureCatalogue } from './catalogue.ts'
import { compareWith } from './compare.ts'
import { confirmedPublishes, databaseCommits } from './ceilings.ts'
import type { Result } from './drive.ts'
import { gatewayLatency } from './gateway-latency.ts'
import { browsingInAStorm, logIns } from './identity.ts'
import { readMemory, type Memory } from './process-usage.ts'
import { benchTables, catalogueTables, comparisonTables, reservationTables } from './report.ts'
import { measureReservations } from './reservations.ts'
import { cartChange, checkoutHot, checkoutSpread, productList, productPage } from './scenarios.ts'
import { stockBenchShop } from './shop.ts'

const HELP = `npm run bench -- [--seconds 8] [--connections 32] [--json .data/bench/result.json]
npm run bench -- --catalogue [--products 100000] [--seconds 8] [--connections 32] [--json …]
npm run bench -- --reservations [--orders 10000] [--turns 3] [--seconds 8] [--json …]
npm run bench -- --against COMMIT [--only list,page] [--turns 3] [--seconds 8] [--connections 32] [--json …]

Measures product list, product page, cart change and checkout on a shop of 1,000 products; log-ins with bcrypt cost
12, browsing during a storm of them, and what the gateway adds; then what the database and the broker alone can do. Starts a shop of its own, unless GATEWAY_URL (with ADMIN_EMAIL and ADMIN_PASSWORD) names
one; of that one the ceilings and the memory cannot be measured, and its rate limits have to be out of the way.

With --catalogue it fills a shop of its own to 1,000 and then to 100,000 products, with one file each, and measures the
import with its memory, and lists, filters, facets and searches at both sizes; it takes some minutes.

With --reservations it measures how many orders a second inventory decides, all for one SKU and over 1,000, by turns in
one run, and beside it what the database and the broker alone can do.

With --against it starts the shop of that commit beside this checkout's, each with servers of its own, gives both the
same load by turns, and compares the CPU that services and servers use for one operation, and memory (Linux only); with
--only just the scenarios whose names (productList, productPage, cartChange, …) have one of the parts.
`

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '8' },
    connections: { type: 'string', default: '32' },
    json: { type: 'string', default: '.data/bench/result.json' },
    against: { type: 'string' },
    only: { type: 'string', default: '' },
    catalogue: { type: 'boolean', default: false },
    products: { type: 'string', default: '100000' },
    reservations: { type: 'boolean', default: false },
    orders: { type: 'string', default: '10000' },
    turns: { type: 'string', default: '3' },
    help: { type: 'boolean', short: 'h', default: false },
  },
})
const seconds = Number(values.seconds)
const workers = Number(values.connections)
const turns = Number(values.turns)
const products = Number(values.products)
const orders = Number(values.orders)

const progress = (text: string) => process.stderr.write(`${text}\n`)

/** The shop that the environment names, or one of its own. */
const openTarget = async () => {
  if (process.env['GATEWAY_URL']) {
    const config = readConfig()
    return {
      gatewayUrl: requireSetting(config, 'gatewayUrl'),
      admin: requireSetting(config, 'admin'),
      own: undefined,
      stop: () => Promise.resolve(),
    }
  }
  progress('starting a shop')
  // With the password cost of production: log-ins are measured, too.
  const own = await startOwnStack('bench', { env: { user: { BCRYPT_COST: '12' } } })
  return { gatewayUrl: own.shop.gatewayUrl, admin: own.shop.admin, own, stop: own.stop }
}

const measureCeilings = async ({ stack }: OwnStack): Promise<Result[]> => {
  progress('ceilings')
  const each = Math.max(1, seconds / 4)
  const commits = await databaseCommits(stack.databases['order'] ?? '', each)
  return [...commits, ...(await confirmedPublishes(stack.amqpUrl, each))]
}

const measure = async () => {
  const target = await openTarget()
  const { gatewayUrl, own } = target
  const shop = openShop({ gateways: [gatewayUrl], connections: workers * 2 })
  try {
    progress('importing 1,000 products')
    const goods = await stockBenchShop(gatewayUrl, target.admin)
    const setting = { shop, goods, gatewayUrl, workers, seconds }
    const results: Result[] = []
    for (const scenario of [productList, productPage, cartChange, checkoutSpread, checkoutHot]) {
      progress(scenario.name)
      // The first seconds of a process are spent compiling; they are not what a shop is like.
      await scenario({ ...setting, seconds: 1 })
      results.push(await scenario(setting))
    }
    const catalog = own?.stack.processes.find(({ name }) => name === 'catalog')
    if (catalog) {
      progress('gateway latency')
      results.push(...(await gatewayLatency(setting, catalog.url)))
    }
    progress('log-ins')
    results.push(await logIns(setting))
    progress('browsing in a log-in storm')
    results.push(...(await browsingInAStorm(setting)))
    const memory: Memory[] = own ? readMemory(own.stack.processes) : []
    const ceilings = own ? await measureCeilings(own) : []
    return {
      at: new Date().toISOString(),
      machine: { cores: cpus().length, model: cpus()[0]?.model ?? '', node: process.version },
      servers: own
        ? { mysql: own.servers.mysql.version, rabbitmq: own.servers.rabbitmq.version }
        : { gateway: gatewayUrl },
      setting: { seconds, connections: workers, products: goods.skus.length + 1 },
      results,
      ceilings,
      memory,
    }
  } finally {
    await shop.close()
    await target.stop()
  }
}

/** In a shop of its own, with servers of its own: a shared one's CPU cannot be divided. */
const measureCatalogueOnly = async () => {
  progress('starting a shop')
  const own = await startOwnStack('bench/catalogue', { own: true })
  const { mysql, rabbitmq } = own.servers
  try {
    const processes = [
      ...own.stack.processes,
      { name: 'mysql', pid: mysql.pid, container: mysql.container },
      { name: 'rabbitmq', pid: rabbitmq.pid, container: rabbitmq.container },
    ]
    const { gatewayUrl, admin } = own.shop
    return await measureCatalogue(admin, processes, products, { gatewayUrl, workers, seconds }, progress)
  } finally {
    await own.stop()
  }
}

const measureReservationsOnly = async () => {
  progress('starting a shop')
  const own = await startOwnStack('bench/reservations', { own: true })
  try {
    progress('reservations')
    const reservations = await measureReservations(own.stack, { orders, turns })
    return { reservations, ceilings: await measureCeilings(own) }
  } finally {
    await own.stop()
  }
}

const isCount = (value: number) => Number.isInteger(value) && value > 0

if (values.help) process.stdout.write(HELP)
else if (!(seconds > 0 && isCount(workers) && isCount(turns) && isCount(products) && isCount(orders))) {
  process.stderr.write(HELP)
  process.exitCode = 2
} else {
  const { against } = values
  const { report, tables } = await (async () => {
    if (values.catalogue) {
      const report = await measureCatalogueOnly()
      return { report, tables: catalogueTables(report) }
    }
    if (values.reservations) {
      const report = await measureReservationsOnly()
      return { report, tables: reservationTables(report) }
    }
    if (against === undefined) {
      const report = await measure()
      return { report, tables: benchTables(report) }
    }
    const report = await compareWith(against, {
      turns,
      workers,
      seconds,
      only: values.only.toLowerCase().split(','),
      onProgress: progress,
    })
    return { report, tables: comparisonTables(report) }
  })()
  await mkdir(dirname(values.json), { recursive: true })
  await writeFile(values.json, JSON.stringify(report, null, 2))
  process.stdout.write(`${tables}\nAs JSON: ${values.json}\n`)
}
