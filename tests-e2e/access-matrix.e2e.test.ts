import { randomUUID } from 'node:crypto'
import type { Answer } from '@storewright/client'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { expectCleanAudit } from './support/audited.ts'
import { operationsOf, type OpenApi } from './support/document/openapi.ts'
import { accountRules } from './support/access-matrix/account-rules.ts'
import {
  createFixtures,
  makeMachine,
  getBody,
  send,
  type Requester,
  type Fixtures,
  type Method,
} from './support/access-matrix/fixtures.ts'
import type { AccessRules, AccessRule } from './support/access-matrix/access-rule.ts'
import { exampleRequest } from './support/access-matrix/example-request.ts'
import { guestRules, shopRules } from './support/access-matrix/shop-rules.ts'
import { visit } from './support/shopper.ts'

// Who may do what, for every operation of the document; whoever adds an operation adds a line to the table.
const rules: AccessRules = { ...accountRules, ...shopRules }

const underTest = inject('shop')
const document = (await (await fetch(`${underTest.gatewayUrl}/openapi.json`)).json()) as OpenApi
const operations = operationsOf(document).map((rule) => ({
  ...rule,
  name: `${rule.method} ${rule.path}`,
}))

const shop = visit(underTest.gatewayUrl)
let fixtures: Fixtures
beforeAll(async () => void (fixtures = await createFixtures(shop, underTest)))
afterAll(() => shop.close())

const expectStatus = (answer: Answer, status: number, who: Requester) =>
  expect(answer.status, `${who.name}: ${JSON.stringify(answer.body)}`).toBe(status)

const ofAccess = <Access extends AccessRule['access']>(access: Access, from: AccessRules = rules) =>
  Object.entries(from).flatMap(([name, rule]) =>
    rule.access === access ? [{ name, rule: rule as Extract<AccessRule, { access: Access }> }] : [],
  )

// Rates are the whole shop's, which other files use at the same time: these are of an island where nobody lives.
const elsewhere: Record<string, { body: object }> = {
  'POST /v1/shipping-zones': { body: { name: 'Bouvet Island', countries: ['BV'], methods: [] } },
  'POST /v1/tax-rates': {
    body: { name: 'VAT', country: 'BV', basisPoints: 1, included: true, validFrom: '2026-01-01T00:00:00Z' },
  },
}

const requestFor = (name: string, ids: Record<string, string> = {}) => {
  const found = operations.find((operation) => operation.name === name)
  if (!found) throw new Error(`the document has no ${name}`)
  const { path, call } = exampleRequest(found, ids)
  return { path, call: { ...call, ...elsewhere[name] }, method: found.method as Method }
}

/** Things that are there, so that a lacking check would not hide behind a 404. */
const realIds = () => ({ id: fixtures.ada.user.id, sku: fixtures.mug.sku, sessionId: randomUUID() })

it('has a rule for every operation of the document, and no rule without an operation', () => {
  const names = operations.map(({ name }) => name)
  expect(
    names.filter((name) => rules[name] === undefined),
    'operations without a line',
  ).toEqual([])
  expect(
    Object.keys(rules).filter((name) => !names.includes(name)),
    'lines without an operation',
  ).toEqual([])
})

it('names the same permission as the document for every operation', () => {
  const documented = operations.map(({ name, operation }) => [name, operation['x-permission'] ?? null])
  const known = operations.map(({ name }) => {
    const rule = rules[name]
    return [name, rule?.access === 'permission' ? rule.permission : null]
  })
  expect(documented).toEqual(known)
})

describe('operations that need a permission refuse guests, customers and others without it', () => {
  it.each(ofAccess('permission'))('$name', async ({ name, rule: { permission } }) => {
    const request = requestFor(name, realIds())
    expectStatus(await send(shop, request, fixtures.guest), 401, fixtures.guest)
    expectStatus(await send(shop, request, fixtures.stranger), 403, fixtures.stranger)
    for (const member of fixtures.staffAndMachines.filter(
      ({ permissions }) => !permissions.includes(permission),
    ))
      expectStatus(await send(shop, request, member), 403, member)

    // To whoever has it the door is open, here on things that are not there.
    const harmless = requestFor(name)
    for (const one of [
      fixtures.admin,
      ...fixtures.staffAndMachines.filter(({ permissions }) => permissions.includes(permission)),
    ])
      expect([401, 403], one.name).not.toContain((await send(shop, harmless, one)).status)
  })

  it('lets an API key do what its permissions allow and nothing else', async () => {
    const forPeople = new Set(['api-keys:write'])
    const needed = [...new Set(ofAccess('permission').map(({ rule }) => rule.permission))].filter(
      (permission) => !forPeople.has(permission),
    )
    for (const permission of needed) {
      const others = needed.filter((other) => other !== permission)
      const [lacking, having] = [
        await makeMachine(shop, fixtures.admin, others),
        await makeMachine(shop, fixtures.admin, [permission]),
      ]
      for (const { name } of ofAccess('permission').filter(({ rule }) => rule.permission === permission)) {
        const request = requestFor(name)
        expectStatus(await send(shop, request, lacking), 403, lacking)
        expect([401, 403], `${name}: ${having.name}`).not.toContain(
          (await send(shop, request, having)).status,
        )
      }
    }
  })
})

describe('operations for people who logged in refuse guests and API keys', () => {
  it.each(ofAccess('login'))('$name', async ({ name }) => {
    const request = requestFor(name)
    expectStatus(await send(shop, request, fixtures.guest), 401, fixtures.guest)
    expectStatus(await send(shop, request, fixtures.machine), 403, fixtures.machine)
    if (request.method !== 'GET') return
    const { body: answer } = await send(shop, request, fixtures.stranger)
    const body = JSON.stringify(answer)
    expect(
      [...fixtures.secrets].filter((secret) => body.includes(secret)),
      'shown to another',
    ).toEqual([])
  })
})

const owned = (from: AccessRules) => () =>
  it.each(ofAccess('owner', from))('$name', async ({ name, rule }) => {
    const thing = await rule.make(fixtures)
    const request = { ...thing.request, method: name.split(' ')[0] as Method }
    const owner = thing.owner ?? fixtures.owner
    const before = await thing.look()

    expectStatus(await send(shop, request, fixtures.guest), rule.guest, fixtures.guest)
    for (const other of [fixtures.stranger, ...(thing.others ?? [])])
      expectStatus(await send(shop, request, other), rule.stranger, other)
    for (const member of fixtures.staffAndMachines) {
      if (rule.staff !== undefined && member.permissions.includes(rule.staff)) continue
      // What is a person's own is not for machines, whatever it is.
      expect([rule.stranger, 403], member.name).toContain((await send(shop, request, member)).status)
    }
    expect(await thing.look()).toEqual(before)

    expectStatus(await send(shop, request, owner), thing.succeeds, owner)
  })

describe('what belongs to one customer is refused to everybody else', owned(rules))
describe('what belongs to one guest is refused to everybody else', owned(guestRules))

it('shows drafts and quantities on hand only to staff with the permission', async () => {
  for (const requester of [fixtures.guest, fixtures.stranger]) {
    const stock = await getBody(shop, `/v1/stock/${fixtures.mug.sku}`, requester)
    expect(Object.keys(stock as object).sort(), requester.name).toEqual(['available', 'sku', 'status'])
    const request = { method: 'GET', path: '/v1/products?status=draft' } as const
    expectStatus(await send(shop, request, requester), requester === fixtures.guest ? 401 : 403, requester)
  }
  expect(await getBody(shop, `/v1/stock/${fixtures.mug.sku}`, fixtures.admin)).toHaveProperty('onHand')
})

it('passes the audit of all invariants afterwards', () => expectCleanAudit(underTest))
