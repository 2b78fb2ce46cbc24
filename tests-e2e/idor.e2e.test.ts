import { randomUUID } from 'node:crypto'
import type { Answer } from '@storewright/ops'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { expectCleanAudit } from './support/audited.ts'
import { operationsOf, type OpenApi } from './support/document/openapi.ts'
import { accountEntries } from './support/idor/account-entries.ts'
import {
  gatherCast,
  makeMachine,
  see,
  send,
  type Asker,
  type Cast,
  type Method,
} from './support/idor/cast.ts'
import type { Entries, Entry } from './support/idor/entries.ts'
import { exampleRequest } from './support/idor/example-request.ts'
import { guestEntries, shopEntries } from './support/idor/shop-entries.ts'
import { visit } from './support/shopper.ts'

// Who may do what, for every operation of the document; whoever adds an operation adds a line to the table.
const entries: Entries = { ...accountEntries, ...shopEntries }

const underTest = inject('shop')
const document = (await (await fetch(`${underTest.gatewayUrl}/openapi.json`)).json()) as OpenApi
const operations = operationsOf(document).map((entry) => ({
  ...entry,
  name: `${entry.method} ${entry.path}`,
}))

const shop = visit(underTest.gatewayUrl)
let cast: Cast
beforeAll(async () => void (cast = await gatherCast(shop, underTest)))
afterAll(() => shop.close())

const expectStatus = (answer: Answer, status: number, who: Asker) =>
  expect(answer.status, `${who.name}: ${JSON.stringify(answer.body)}`).toBe(status)

const ofAccess = <Access extends Entry['access']>(access: Access, from: Entries = entries) =>
  Object.entries(from).flatMap(([name, entry]) =>
    entry.access === access ? [{ name, entry: entry as Extract<Entry, { access: Access }> }] : [],
  )

const askFor = (name: string, ids: Record<string, string> = {}) => {
  const found = operations.find((operation) => operation.name === name)
  if (!found) throw new Error(`the document has no ${name}`)
  return { ...exampleRequest(found, ids), method: found.method as Method }
}

/** Things that are there, so that a lacking check would not hide behind a 404. */
const realIds = () => ({ id: cast.ada.user.id, sku: cast.mug.sku, sessionId: randomUUID() })

it('knows of every operation who may', () => {
  const names = operations.map(({ name }) => name)
  expect(
    names.filter((name) => entries[name] === undefined),
    'operations without a line',
  ).toEqual([])
  expect(
    Object.keys(entries).filter((name) => !names.includes(name)),
    'lines without an operation',
  ).toEqual([])
})

it('agrees with the document about permissions', () => {
  const said = operations.map(({ name, operation }) => [name, operation['x-permission'] ?? null])
  const known = operations.map(({ name }) => {
    const entry = entries[name]
    return [name, entry?.access === 'permission' ? entry.permission : null]
  })
  expect(said).toEqual(known)
})

describe('what needs a permission', () => {
  it.each(ofAccess('permission'))('$name', async ({ name, entry: { permission } }) => {
    const ask = askFor(name, realIds())
    expectStatus(await send(shop, ask, cast.nobody), 401, cast.nobody)
    expectStatus(await send(shop, ask, cast.stranger), 403, cast.stranger)
    for (const helper of cast.helpers.filter(({ permissions }) => !permissions.includes(permission)))
      expectStatus(await send(shop, ask, helper), 403, helper)

    // To whoever has it the door is open, here on things that are not there.
    const harmless = askFor(name)
    for (const one of [
      cast.admin,
      ...cast.helpers.filter(({ permissions }) => permissions.includes(permission)),
    ])
      expect([401, 403], one.name).not.toContain((await send(shop, harmless, one)).status)
  })

  it('lets a machine do what its key says, and nothing beside it', async () => {
    const forPeople = new Set(['api-keys:write'])
    const needed = [...new Set(ofAccess('permission').map(({ entry }) => entry.permission))].filter(
      (permission) => !forPeople.has(permission),
    )
    for (const permission of needed) {
      const others = needed.filter((other) => other !== permission)
      const [lacking, having] = [
        await makeMachine(shop, cast.admin, others),
        await makeMachine(shop, cast.admin, [permission]),
      ]
      for (const { name } of ofAccess('permission').filter(({ entry }) => entry.permission === permission)) {
        const ask = askFor(name)
        expectStatus(await send(shop, ask, lacking), 403, lacking)
        expect([401, 403], `${name}: ${having.name}`).not.toContain((await send(shop, ask, having)).status)
      }
    }
  })
})

describe('what is for people who logged in', () => {
  it.each(ofAccess('login'))('$name', async ({ name }) => {
    const ask = askFor(name)
    expectStatus(await send(shop, ask, cast.nobody), 401, cast.nobody)
    expectStatus(await send(shop, ask, cast.machine), 403, cast.machine)
    if (ask.method !== 'GET') return
    const { body } = await send(shop, ask, cast.stranger)
    const told = JSON.stringify(body)
    expect(
      [...cast.secrets].filter((secret) => told.includes(secret)),
      'shown to another',
    ).toEqual([])
  })
})

const owned = (from: Entries) => () =>
  it.each(ofAccess('owner', from))('$name', async ({ name, entry }) => {
    const thing = await entry.make(cast)
    const ask = { ...thing.ask, method: name.split(' ')[0] as Method }
    const owner = thing.owner ?? cast.owner
    const before = await thing.look()

    expectStatus(await send(shop, ask, cast.nobody), entry.guest, cast.nobody)
    for (const other of [cast.stranger, ...(thing.others ?? [])])
      expectStatus(await send(shop, ask, other), entry.stranger, other)
    for (const helper of cast.helpers) {
      if (entry.staff !== undefined && helper.permissions.includes(entry.staff)) continue
      // What is a person's own is not for machines, whatever it is.
      expect([entry.stranger, 403], helper.name).toContain((await send(shop, ask, helper)).status)
    }
    expect(await thing.look()).toEqual(before)

    expectStatus(await send(shop, ask, owner), thing.succeeds, owner)
  })

describe('what is one customer’s own', owned(entries))
describe('what is one guest’s own', owned(guestEntries))

it('shows drafts and what is on hand to those only who may see them', async () => {
  for (const asker of [cast.nobody, cast.stranger]) {
    const stock = await see(shop, `/v1/stock/${cast.mug.sku}`, asker)
    expect(Object.keys(stock as object).sort(), asker.name).toEqual(['available', 'sku', 'status'])
    const ask = { method: 'GET', path: '/v1/products?status=draft' } as const
    expectStatus(await send(shop, ask, asker), asker === cast.nobody ? 401 : 403, asker)
  }
  expect(await see(shop, `/v1/stock/${cast.mug.sku}`, cast.admin)).toHaveProperty('onHand')
})

it('leaves every invariant whole', () => expectCleanAudit(underTest))
