import { openShop } from '@storewright/client'
import type { Login } from '@storewright/ops/config'
import { startOwnStack } from '../support/own-stack.ts'
import type { Result } from './drive.ts'
import { logIns } from './identity.ts'
import { startCommit } from './other-checkout.ts'
import { readCpuMs, readMemory, type Memory, type NamedProcess } from './process-usage.ts'
import {
  cartChange,
  checkoutHot,
  checkoutSpread,
  productList,
  productPage,
  type Setting,
} from './scenarios.ts'
import { stockBenchShop } from './shop.ts'

/** One scenario on one side: CPU of services and servers for one operation, in all and of each, and how fast that was. */
export type Cost = { cpuMs: number; shares: Record<string, number>; perSecond: number; errors: number }

export type Comparison = {
  against: string
  turns: number
  /** The middle of the turns; `ratio` is this checkout's CPU for one operation over the other commit's. */
  scenarios: { scenario: string; other: Cost; here: Cost; ratio: number }[]
  memory: { other: Memory[]; here: Memory[] }
}

type Side = {
  setting: Setting
  services: readonly NamedProcess[]
  servers: readonly NamedProcess[]
  costs: Map<string, Cost[]>
  stop: () => Promise<void>
}

// All load comes from one address, and passwords cost what they cost in production.
const ENV = {
  RATE_LIMIT_PER_MINUTE: '10000000',
  AUTH_RATE_LIMIT_PER_MINUTE: '10000000',
  BCRYPT_COST: '12',
}
const SLICE_SECONDS = 2
const SCENARIOS = [productList, productPage, cartChange, checkoutSpread, checkoutHot, logIns]

const middle = (values: number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0

const middleOf = (costs: Cost[]): Cost => ({
  cpuMs: middle(costs.map(({ cpuMs }) => cpuMs)),
  shares: Object.fromEntries(
    Object.keys(costs[0]?.shares ?? {}).map((name) => [
      name,
      middle(costs.map(({ shares }) => shares[name] ?? 0)),
    ]),
  ),
  perSecond: middle(costs.map(({ perSecond }) => perSecond)),
  errors: costs.reduce((sum, { errors }) => sum + errors, 0),
})

const openSide = async (
  started: Omit<Side, 'setting' | 'costs'> & {
    gatewayUrl: string
    admin: Login
  },
  { workers, seconds }: { workers: number; seconds: number },
): Promise<Side> => {
  const { gatewayUrl, admin, services, servers, stop } = started
  const shop = openShop({ gateways: [gatewayUrl], connections: workers * 2 })
  const goods = await stockBenchShop(gatewayUrl, admin)
  return {
    setting: { shop, goods, gatewayUrl, workers, seconds },
    services,
    servers,
    costs: new Map(),
    stop: async () => {
      await shop.close()
      await stop()
    },
  }
}

/** Load for some seconds on one side: operations, the CPU that they used, and how long they took. */
const applyLoad = async (
  { setting, services, servers }: Side,
  scenario: (setting: Setting) => Promise<Result>,
  seconds: number,
) => {
  const processes = [...services, ...servers]
  const before = readCpuMs(processes)
  const result = await scenario({ ...setting, seconds })
  const after = readCpuMs(processes)
  return { ...result, used: new Map([...after].map(([name, ms]) => [name, ms - (before.get(name) ?? 0)])) }
}

/**
 * One turn of both sides. They alternate every other second, so that what the machine does meanwhile (a neighbour, a
 * warmer processor) falls on both and not on the one that runs just then.
 */
const measureTurn = async (sides: Side[], scenario: (setting: Setting) => Promise<Result>, first: number) => {
  const parts = new Map<Side, Awaited<ReturnType<typeof applyLoad>>[]>(sides.map((side) => [side, []]))
  for (const side of sides) await applyLoad(side, scenario, 1)
  const slices = Math.max(1, Math.round((sides[0]?.setting.seconds ?? 0) / SLICE_SECONDS))
  for (let slice = first; slice < first + slices; slice += 1)
    for (const side of slice % 2 === 0 ? sides : sides.toReversed())
      parts.get(side)?.push(await applyLoad(side, scenario, SLICE_SECONDS))

  for (const [side, measured] of parts) {
    const sum = (of: (part: (typeof measured)[number]) => number) =>
      measured.reduce((total, part) => total + of(part), 0)
    const count = Math.max(
      1,
      sum((part) => part.count),
    )
    const seconds = sum((part) => part.count / part.perSecond)
    const shares = Object.fromEntries(
      [...side.services, ...side.servers].map(({ name }) => [
        name,
        sum((part) => part.used.get(name) ?? 0) / count,
      ]),
    )
    const cost = {
      cpuMs: Object.values(shares).reduce((total, share) => total + share, 0),
      shares,
      perSecond: count / seconds,
      errors: sum((part) => part.errors),
    }
    const name = measured[0]?.scenario ?? ''
    side.costs.set(name, [...(side.costs.get(name) ?? []), cost])
  }
}

/**
 * Runs this checkout and another commit side by side and gives both the same load by turns, so that whatever the
 * machine does meanwhile is the same for both. Linux only: CPU and memory are read from /proc.
 */
export const compareWith = async (
  against: string,
  {
    turns,
    workers,
    seconds,
    only,
    onProgress,
  }: {
    turns: number
    workers: number
    seconds: number
    /** Parts of scenarios' names, in lower case. */
    only: string[]
    onProgress: (text: string) => void
  },
): Promise<Comparison> => {
  // Each side needs servers of its own: a shared one's CPU cannot be divided.
  for (const name of ['MYSQL_URL', 'RABBITMQ_URL', 'STOREWRIGHT_SERVERS']) delete process.env[name]
  onProgress(`starting the shop of ${against}`)
  const commit = await startCommit(against, ENV)
  const sides: Side[] = []
  try {
    sides.push(await openSide(commit, { workers, seconds }))
    onProgress('starting the shop of this checkout')
    const own = await startOwnStack('bench/here', { own: true, env: { gateway: ENV, user: ENV } })
    const { mysql, rabbitmq } = own.servers
    const started = {
      ...own.shop,
      services: own.stack.processes,
      servers: [
        { name: 'mysql', pid: mysql.pid, container: mysql.container },
        { name: 'rabbitmq', pid: rabbitmq.pid, container: rabbitmq.container },
      ],
      stop: own.stop,
    }
    sides.push(await openSide(started, { workers, seconds }))

    for (const scenario of SCENARIOS) {
      const name = scenario.name.toLowerCase()
      if (!only.some((part) => name.includes(part))) continue
      for (let turn = 0; turn < turns; turn += 1) {
        onProgress(`${scenario.name}, turn ${turn + 1} of ${turns}`)
        await measureTurn(sides, scenario, turn)
      }
    }

    const [other, here] = sides
    if (!other || !here) throw new Error('two sides were started')
    return {
      against,
      turns,
      scenarios: [...other.costs].map(([scenario, costs]) => {
        const there = middleOf(costs)
        const now = middleOf(here.costs.get(scenario) ?? [])
        return { scenario, other: there, here: now, ratio: now.cpuMs / there.cpuMs }
      }),
      memory: { other: readMemory(other.services), here: readMemory(here.services) },
    }
  } finally {
    for (const side of sides) await side.stop()
    if (sides.length === 0) await commit.stop()
  }
}
