import { hashSync } from 'bcryptjs'
import { newId } from '@storewright/database'
import { eventually } from '@storewright/testing'
import { beforeAll, expect, it } from 'vitest'
import { PASSWORD, setUpUser } from './harness.ts'

const PAIRS = 120
/** So far from the middle the heads of `tosses` fair coins are in less than one run in a million. */
const fewestHeads = (tosses: number) => tosses / 2 - 5 * (Math.sqrt(tosses) / 2)

const user = setUpUser({ BCRYPT_COST: '10', PASSWORD_THREADS: '1' })
const accounts = { known: [] as string[], unknown: [] as string[], weaker: [] as string[] }
beforeAll(async () => {
  const [strong, weak] = [hashSync(PASSWORD, 10), hashSync(PASSWORD, 8)]
  const addresses = (prefix: string) =>
    Array.from({ length: PAIRS }, (_none, which) => `${prefix}${which + 100}@example.com`)
  accounts.known = addresses('ada')
  accounts.weaker = addresses('old')
  accounts.unknown = addresses('eve')
  const people = [
    ...accounts.known.map((email) => ({ email, password_hash: strong })),
    // From before the cost was raised.
    ...accounts.weaker.map((email) => ({ email, password_hash: weak })),
  ]
  await user.db
    .insertInto('users')
    .values(people.map((person) => ({ ...person, id: newId(), name: null, created_at: new Date() })))
    .execute()
}, 60_000)

let networks = 0
/** Nothing but the address itself may make a difference: each try comes from elsewhere. */
const elsewhere = () => ({ address: `198.18.0.${(networks += 1)}` })
const settled = () =>
  eventually(async () => (await user.db.selectFrom('reset_requests').select('email').execute()).length === 0)

const timed = async (ask: () => Promise<{ status: number; body: object }>) => {
  const began = performance.now()
  const { status, body } = await ask()
  const ms = performance.now() - began
  return { ms, shown: JSON.stringify({ status, ...body, requestId: '' }) }
}

/** Asks for addresses with and without an account by turns, now the one first and now the other. */
const compare = async (
  [some, others]: [string[], string[]],
  ask: (email: string) => Promise<{ status: number; body: object }>,
  pairs: number,
) => {
  const shown = new Set<string>()
  const times: [number, number][] = []
  for (let pair = 0; pair < pairs; pair++) {
    const turns = [some[pair]!, others[pair]!]
    const answers = []
    for (const email of pair % 2 === 0 ? turns : turns.toReversed()) {
      answers.push(await timed(() => ask(email)))
      await settled()
    }
    for (const answer of answers) shown.add(answer.shown)
    const [first, second] = answers.map(({ ms }) => ms) as [number, number]
    times.push(pair % 2 === 0 ? [first, second] : [second, first])
  }
  return { pairs, shown: [...shown], slower: times.filter(([one, other]) => one > other).length }
}

const expectAlike = (status: number, { pairs, shown, slower }: Awaited<ReturnType<typeof compare>>) => {
  expect(shown).toHaveLength(1)
  expect(JSON.parse(shown[0]!)).toMatchObject({ status })
  expect(slower).toBeGreaterThan(fewestHeads(pairs))
  expect(slower).toBeLessThan(pairs - fewestHeads(pairs))
}

it('reveals by no log-in which addresses have an account: not by status, text or time', async () => {
  const logIn = (email: string) => user.logIn(email, 'not the password', elsewhere())
  expectAlike(401, await compare([accounts.known, accounts.unknown], logIn, 36))
}, 60_000)

it('logs in as slowly to an account whose password was hashed at a lower cost', async () => {
  const logIn = (email: string) => user.logIn(email, 'not the password', elsewhere())
  expectAlike(401, await compare([accounts.weaker, accounts.unknown], logIn, 36))
}, 60_000)

it('reveals by no forgotten password which addresses have an account', async () => {
  const forgot = (email: string) => user.post('/v1/auth/password/forgot', { email }, undefined, elsewhere())
  expectAlike(202, await compare([accounts.known, accounts.unknown], forgot, PAIRS))
}, 60_000)

it('registers as slowly with an address that is taken as with one that is free', async () => {
  const times = { taken: [] as number[], free: [] as number[] }
  for (let time = 0; time < 10; time++) {
    const taken = await timed(() => user.register(accounts.known[time]))
    const free = await timed(() => user.register(`new${time}@example.com`))
    times.taken.push(taken.ms)
    times.free.push(free.ms)
  }
  const median = (values: number[]) => values.sort((a, b) => a - b)[values.length / 2]!
  // A hash is nearly all of both; without one the quicker would be a tenth.
  expect(median(times.taken) / median(times.free)).toBeGreaterThan(0.4)
  expect(median(times.taken) / median(times.free)).toBeLessThan(2.5)
}, 60_000)
