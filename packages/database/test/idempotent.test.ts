import { scratchDatabase, type ScratchDatabase } from '@storewright/testing'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  claimKeys,
  findOutcomes,
  idempotencyMigrations,
  idempotent,
  IdempotencyMismatch,
  IdempotencyRunning,
  inTransaction,
  newId,
  purgeIdempotencyKeys,
} from '../src/index.ts'

let scratch: ScratchDatabase<unknown>
beforeAll(async () => {
  scratch = await scratchDatabase(idempotencyMigrations, { name: 'idempotent', poolSize: 25 })
})
afterAll(() => scratch.drop())

const created = { status: 201, resourceId: 'order-1' }

const place = (
  request: { key: string; scope?: string; body?: unknown; expected?: typeof created },
  work: () => Promise<{ status: number; resourceId: string }> = async () => created,
) =>
  inTransaction(scratch.db, (trx) =>
    idempotent(trx, { scope: 'placeOrder|me', body: { total: 5 }, ...request }, work),
  )

const twenty = (key: string, work: Parameters<typeof place>[1]) =>
  Array.from({ length: 20 }, () => place({ key }, work))

const age = (hours: number) =>
  sql`update idempotency_keys set expires_at = expires_at - interval ${sql.lit(hours)} hour`.execute(
    scratch.db,
  )

describe('the same key', () => {
  it('does the work once when it comes 20 times at once', async () => {
    const key = newId()
    let works = 0
    const work = async () => ({ status: 201, resourceId: `order-${++works}` })
    const answers = await Promise.all(twenty(key, work))

    expect(works).toBe(1)
    expect(answers.filter(({ replayed }) => !replayed)).toHaveLength(1)
    for (const answer of answers) expect(answer).toMatchObject({ status: 201, resourceId: 'order-1' })
  })

  it('does the work once more when the first failed, also with 20 waiting', async () => {
    const key = newId()
    let works = 0
    const work = async () => {
      if (++works === 1) throw new Error('no stock')
      return created
    }
    const answers = await Promise.allSettled(twenty(key, work))

    expect(answers.filter(({ status }) => status === 'rejected')).toHaveLength(1)
    expect(works).toBe(2)
  })

  it('is the same request however its body is spelled', async () => {
    const key = newId()
    await place({ key, body: { a: 1, b: { c: [1, 2], d: null } } })
    expect(await place({ key, body: { b: { d: null, c: [1, 2] }, a: 1 } })).toMatchObject({ replayed: true })
  })

  const body = {
    total: 5,
    shipTo: { city: 'Leeds', geo: { lat: 1, lon: 2 } },
    lines: [{ sku: 'MUG', quantity: 1 }, 2],
  }
  it.each([
    ['another value', { ...body, total: 6 }],
    ['another value in a nested object', { ...body, shipTo: { ...body.shipTo, geo: { lat: 1, lon: 3 } } }],
    ['another value in an object of a list', { ...body, lines: [{ sku: 'MUG', quantity: 2 }, 2] }],
    ['a nested member less', { ...body, shipTo: { geo: { lat: 1, lon: 2 } } }],
    ['a nested member more', { ...body, shipTo: { ...body.shipTo, line2: null } }],
    ['another order of a list', { ...body, lines: [...body.lines].reverse() }],
    ['no body', undefined],
  ])('with %s is refused', async (_what, changed) => {
    const key = newId()
    await place({ key, body })
    await expect(place({ key, body: changed })).rejects.toThrow(IdempotencyMismatch)
  })

  it('of another caller, or spelled otherwise, is another key', async () => {
    await place({ key: 'abc' })
    expect(await place({ key: 'abc', scope: 'placeOrder|you', body: 1 })).toMatchObject({ replayed: false })
    expect(await place({ key: 'ABC', body: 1 })).toMatchObject({ replayed: false })
    expect(await place({ key: 'abc ', body: 1 })).toMatchObject({ replayed: false })
  })

  it('is free again when the work answered with no success', async () => {
    const key = newId()
    expect(await place({ key }, async () => ({ status: 409, resourceId: '' }))).toMatchObject({ status: 409 })
    expect(await place({ key, body: 'other' })).toMatchObject({ replayed: false, status: 201 })
  })

  it('answers what the work did, whether or not it was what the caller expected', async () => {
    const other = { status: 200, resourceId: 'order-2' }
    for (const did of [created, other]) {
      const key = newId()
      const answers = await Promise.all(
        [1, 2, 3].map(() => place({ key, expected: created }, async () => did)),
      )
      for (const answer of answers) expect(answer).toMatchObject(did)
      expect(answers.filter(({ replayed }) => !replayed)).toHaveLength(1)
    }
    const key = newId()
    const refused = { status: 409, resourceId: '' }
    await place({ key, expected: created }, async () => refused)
    expect(await place({ key, expected: created })).toMatchObject({ replayed: false })
  })

  it('is refused as running when the first takes too long', async () => {
    const key = newId()
    const begun = Promise.withResolvers<void>()
    const end = Promise.withResolvers<void>()
    const first = place({ key }, async () => {
      begun.resolve()
      await end.promise
      return created
    })
    await begun.promise

    await expect(place({ key })).rejects.toThrow(IdempotencyRunning)
    end.resolve()
    expect(await first).toMatchObject({ replayed: false })
    expect(await place({ key })).toMatchObject({ replayed: true })
  })
})

describe('keys that are claimed together', () => {
  const requestFor = (key: string, body: unknown = { total: 5 }) => ({
    scope: 'placeOrder|me',
    key,
    body,
    expected: { status: 201, resourceId: newId() },
  })
  const claim = (...requests: ReturnType<typeof requestFor>[]) =>
    inTransaction(scratch.db, (trx) => claimKeys(trx, requests))

  it('are each free, repeated, misused or expired, and none fails another', async () => {
    const [free, repeated, misused, expired] = [newId(), newId(), newId(), newId()]
    await place({ key: expired })
    await age(25)
    await place({ key: repeated })
    await place({ key: misused })
    const requests = [
      requestFor(misused, 'another body'),
      requestFor(expired, 'another body'),
      requestFor(repeated),
      requestFor(free),
    ]
    const answers = await claim(...requests)
    expect(answers).toEqual([
      new IdempotencyMismatch(),
      null,
      { replayed: true, status: 201, resourceId: 'order-1' },
      null,
    ])
    expect(await inTransaction(scratch.db, (trx) => findOutcomes(trx, requests))).toEqual([
      new IdempotencyMismatch(),
      { replayed: true, ...requests[1]?.expected },
      { replayed: true, status: 201, resourceId: 'order-1' },
      { replayed: true, ...requests[3]?.expected },
    ])
  })

  it('have one owner each when transactions claim the same ones in any sequence', async () => {
    const keys = Array.from({ length: 8 }, newId)
    const claims = await Promise.all(
      Array.from({ length: 12 }, (_, turn) =>
        claim(...[...keys.slice(turn % 8), ...keys.slice(0, turn % 8)].map((key) => requestFor(key))),
      ),
    )
    expect(claims.flat().filter((answer) => answer === null)).toHaveLength(8)
  })

  it('are free again when the transaction is rolled back', async () => {
    const request = requestFor(newId())
    const crash = inTransaction(scratch.db, async (trx) => {
      await claimKeys(trx, [request])
      throw new Error('crashed')
    })
    await expect(crash).rejects.toThrow('crashed')
    expect(await claim(request)).toEqual([null])
  })
})

describe('after a day', () => {
  it('a key stands for a new request, once', async () => {
    const key = newId()
    await place({ key })
    await age(25)

    const answers = await Promise.all(Array.from({ length: 10 }, () => place({ key, body: 'new' })))
    expect(answers.filter(({ replayed }) => !replayed)).toHaveLength(1)
  })

  it('keys are purged, a bounded number at a time', async () => {
    await purgeIdempotencyKeys(scratch.db)
    await Promise.all([1, 2, 3].map(() => place({ key: newId() })))
    await age(25)
    const kept = newId()
    await place({ key: kept })

    expect(await purgeIdempotencyKeys(scratch.db, 2)).toBe(2)
    expect(await purgeIdempotencyKeys(scratch.db)).toBeGreaterThanOrEqual(1)
    expect(await purgeIdempotencyKeys(scratch.db)).toBe(0)
    expect(await place({ key: kept })).toMatchObject({ replayed: true })
  })
})
