import { expect, it } from 'vitest'
import { networkOf } from '@storewright/runtime/networks'
import { hashSecret } from '../src/secrets.ts'
import { newEmail, PASSWORD, setUpUser } from './harness.ts'

const user = setUpUser()

const WRONG = 'not the password'
let networks = 0
/** An address that nobody has come from yet in this file. */
const newAddress = () => {
  networks += 1
  return `198.${18 + (networks >> 16)}.${(networks >> 8) & 255}.${networks & 255}`
}

const fail = async (email: string, times: number, address: string) => {
  const statuses: number[] = []
  for (let time = 0; time < times; time++) {
    statuses.push((await user.logIn(email, WRONG, { address })).status)
  }
  return statuses
}
const scopeOf = (email: string, address: string) => hashSecret(`guesser|${networkOf(address)}|${email}`)
const lockOf = async (email: string, address: string) => {
  const { lastFailedAt, lockedUntil } = await user.db
    .selectFrom('login_failures')
    .select(['last_failed_at as lastFailedAt', 'locked_until as lockedUntil'])
    .where('scope_hash', '=', scopeOf(email, address))
    .executeTakeFirstOrThrow()
  return (lockedUntil!.getTime() - lastFailedAt.getTime()) / 1_000
}
/** As if all locks had opened by themselves. */
const waitOut = () =>
  user.db
    .updateTable('login_failures')
    .set({ locked_until: new Date(Date.now() - 1) })
    .execute()

it.each([
  ['with', true],
  ['without', false],
] as const)('locks an address %s an account', async (_what, known) => {
  const email = newEmail()
  const address = newAddress()
  if (known) await user.register(email)
  expect(await fail(email, 6, address)).toEqual([401, 401, 401, 401, 401, 429])

  const locked = await user.logIn(email, PASSWORD, { address })
  expect(locked).toMatchObject({ status: 429, body: { type: 'urn:storewright:problem:account-locked' } })
  expect(Number(locked.headers.get('retry-after'))).toBeGreaterThanOrEqual(1)
})

it('answers alike for an account that is locked and an address that never had one', async () => {
  const known = newEmail()
  await user.register(known)
  const shown = async (email: string) => {
    const address = newAddress()
    await fail(email, 5, address)
    const { status, headers, body } = await user.logIn(email, WRONG, { address })
    return { status, retryAfter: headers.get('retry-after'), body: { ...body, requestId: '' } }
  }
  expect(await shown(newEmail())).toEqual(await shown(known))
})

it('locks longer with each further failure', async () => {
  const email = newEmail()
  const address = newAddress()
  await fail(email, 5, address)
  const seconds = [await lockOf(email, address)]
  for (let time = 0; time < 2; time++) {
    await waitOut()
    await fail(email, 1, address)
    seconds.push(await lockOf(email, address))
  }
  expect(seconds).toEqual([5, 10, 20])
})

it('forgets the failures at the right password', async () => {
  const email = newEmail()
  const address = newAddress()
  await user.register(email)
  await fail(email, 4, address)
  expect((await user.logIn(email, PASSWORD, { address })).status).toBe(200)
  expect(await fail(email, 4, address)).toEqual([401, 401, 401, 401])
  expect((await user.logIn(email, PASSWORD, { address })).status).toBe(200)
})

it('counts guesses that are made at once one by one', async () => {
  const email = newEmail()
  const address = newAddress()
  await user.register(email)
  const answers = await Promise.all(Array.from({ length: 20 }, () => user.logIn(email, WRONG, { address })))
  expect(answers.filter(({ status }) => status === 401)).toHaveLength(5)
  expect(answers.filter(({ status }) => status === 429)).toHaveLength(15)
})

it('does not let a stranger lock the owner out', async () => {
  const home = newAddress()
  const email = newEmail()
  await user.register(email, PASSWORD, { address: home })
  const stranger = newAddress()
  for (let day = 0; day < 12; day++) {
    await fail(email, 6, stranger)
    expect((await user.logIn(email, PASSWORD, { address: stranger })).status).toBe(429)
    // However long it goes on: whoever the owner is known as at home, is.
    expect((await user.logIn(email, PASSWORD, { address: home })).status).toBe(200)
  }
})

it('slows down guesses from ever new addresses, and leaves the owner alone', async () => {
  const home = newAddress()
  const email = newEmail()
  await user.register(email, PASSWORD, { address: home })
  const statuses: number[] = []
  for (let guess = 0; guess < 30; guess++) {
    statuses.push((await user.logIn(email, WRONG, { address: newAddress() })).status)
  }
  expect(statuses).toEqual([...Array<number>(20).fill(401), ...Array<number>(10).fill(429)])
  // Not even the right password, from where nobody knows them.
  expect((await user.logIn(email, PASSWORD, { address: newAddress() })).status).toBe(429)
  expect((await user.logIn(email, PASSWORD, { address: home })).status).toBe(200)
})

it('counts guesses from ever new addresses that are made at once', async () => {
  const email = newEmail()
  await user.register(email, PASSWORD, { address: newAddress() })
  const answers = await Promise.all(
    Array.from({ length: 40 }, () => user.logIn(email, WRONG, { address: newAddress() })),
  )
  expect(answers.filter(({ status }) => status === 401)).toHaveLength(20)
})

it('takes a whole IPv6 network for one guesser', async () => {
  const email = newEmail()
  const statuses: number[] = []
  for (let host = 1; host <= 6; host++) {
    statuses.push((await user.logIn(email, WRONG, { address: `2001:db8:5:6::${host}` })).status)
  }
  expect(statuses).toEqual([401, 401, 401, 401, 401, 429])
  expect((await user.logIn(email, WRONG, { address: '2001:db8:5:7::1' })).status).toBe(401)
})

it('stops who tries one password at many accounts, and nobody who is known there', async () => {
  const office = newAddress()
  const colleague = newEmail()
  await user.register(colleague, PASSWORD, { address: office })
  const victim = newEmail()
  await user.register(victim, PASSWORD, { address: newAddress() })

  const statuses: number[] = []
  for (let guess = 0; guess < 60; guess++) {
    // An account of one's own in between buys no further guesses.
    if (guess % 20 === 0) await user.logIn(colleague, PASSWORD, { address: office })
    statuses.push((await user.logIn(newEmail(), WRONG, { address: office })).status)
  }
  expect(statuses.slice(0, 50)).toEqual(Array<number>(50).fill(401))
  expect(statuses.slice(50)).toEqual(Array<number>(10).fill(429))
  expect((await user.logIn(victim, PASSWORD, { address: office })).status).toBe(429)
  expect((await user.logIn(colleague, PASSWORD, { address: office })).status).toBe(200)
})

it('ignores the address that a client claims to come from', async () => {
  const email = newEmail()
  const gateway = newAddress()
  const statuses: number[] = []
  for (let guess = 0; guess < 6; guess++) {
    // The last one is what the gateway saw; what is before it, a client wrote.
    const address = `${newAddress()}, ${gateway}`
    statuses.push((await user.logIn(email, WRONG, { address })).status)
  }
  expect(statuses.at(-1)).toBe(429)
})

it('records nothing for attempts that it turns away, and each lock once', async () => {
  const email = newEmail()
  const { body } = await user.register(email)
  const address = newAddress()
  await fail(email, 25, address)
  const types = (await user.activityOf(body.user.id)).map(({ type }) => type)
  expect(types.filter((type) => type.startsWith('log-in-')).sort()).toEqual([
    ...Array<string>(4).fill('log-in-failed'),
    'log-in-locked',
  ])
})
