import { beforeCommit, inTransaction, migrate, newId } from '@storewright/database'
import type { Envelope } from '@storewright/contracts'
import { emit, InvalidEvent } from '@storewright/messaging/outbox'
import { runWithCorrelation } from '@storewright/messaging/correlation'
import { anEvent, emitted, scratchDatabase } from '@storewright/testing'
import { sql } from 'kysely'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { migrations, type Tables, type Trx } from './support/service.ts'
import { ThingClosed, ThingNoted } from './support/test-events.ts'

let database: Awaited<ReturnType<typeof scratchDatabase<Tables>>>
beforeAll(async () => {
  database = await scratchDatabase<Tables>(migrations, { name: 'emit', poolSize: 20 })
})
afterAll(() => database.drop())
afterEach(async () => {
  for (const table of ['outbox', 'event_sequences'])
    await sql.raw(`delete from ${table}`).execute(database.db)
})

const note = (trx: Trx, thingId: string, text = '') => emit(trx, ThingNoted, { thingId, text })
const outboxRows = () =>
  database.db.selectFrom('outbox').select(['subject', 'aggregate_version as version']).orderBy('id').execute()

describe('emit', () => {
  it('writes the event with the transaction, or not at all', async () => {
    const { db } = database
    await inTransaction(db, (trx) => note(trx, 'kept'))
    const broken = inTransaction(db, async (trx) => {
      await note(trx, 'lost')
      throw new Error('changed my mind')
    })
    await expect(broken).rejects.toThrow('changed my mind')
    expect(await outboxRows()).toEqual([{ subject: 'kept', version: 1 }])
  })

  it('numbers the events of an aggregate without gaps, also when one transaction emits several', async () => {
    const { db } = database
    await inTransaction(db, async (trx) => {
      await note(trx, 'b')
      await note(trx, 'a')
      await note(trx, 'b')
    })
    await inTransaction(db, (trx) => note(trx, 'b'))
    expect(await outboxRows()).toEqual([
      { subject: 'b', version: 1 },
      { subject: 'a', version: 1 },
      { subject: 'b', version: 2 },
      { subject: 'b', version: 3 },
    ])
  })

  it('keeps the numbers gapless and in the order of the ids while transactions race and roll back', async () => {
    const { db } = database
    const subjects = ['p', 'q', 'r', 's']
    const transactions = Array.from({ length: 80 }, (_, index) =>
      inTransaction(db, async (trx) => {
        // Locking in this order would deadlock.
        for (const step of [0, 1, 2]) await note(trx, subjects[(index * 3 + step * (index % 3)) % 4]!)
        if (index % 5 === 0) throw new Error('rolled back')
      }).catch((error: Error) => error.message),
    )
    const failures = (await Promise.all(transactions)).filter((message) => message !== undefined)
    expect(new Set(failures)).toEqual(new Set(['rolled back']))

    const rows = await outboxRows()
    expect(rows).toHaveLength(64 * 3)
    for (const subject of subjects) {
      const versions = rows.filter((row) => row.subject === subject).map(({ version }) => version)
      expect(versions).toEqual(versions.map((_, index) => index + 1))
    }
  })

  it('repeats a state under the number that its aggregate has, or the first', async () => {
    const { db } = database
    const repeat = (trx: Trx, thingId: string) =>
      emit(trx, ThingNoted, { thingId, text: '' }, { replay: true })
    await inTransaction(db, async (trx) => {
      await note(trx, 'old')
      await note(trx, 'old')
    })
    await inTransaction(db, async (trx) => {
      await repeat(trx, 'old')
      await repeat(trx, 'new')
    })
    await inTransaction(db, async (trx) => {
      await note(trx, 'old')
      await repeat(trx, 'old')
      await note(trx, 'new')
    })
    const events = await emitted(db, ThingNoted)
    const numbers = (thing: string) =>
      events.flatMap(({ subject, aggregateVersion, replay }) =>
        subject === thing ? [[aggregateVersion, replay]] : [],
      )
    expect(numbers('old')).toEqual([
      [1, false],
      [2, false],
      [2, true],
      [3, false],
      [3, true],
    ])
    expect(numbers('new')).toEqual([
      [1, true],
      [2, false],
    ])
  })

  it('treats "abc", "ABC" and "äbc" as three aggregates', async () => {
    const { db } = database
    await inTransaction(db, async (trx) => {
      for (const subject of ['abc', 'ABC', 'äbc']) await note(trx, subject)
    })
    expect((await outboxRows()).map(({ version }) => version)).toEqual([1, 1, 1])
  })

  it('needs the same number of statements for one event and for two hundred', async () => {
    const statementsSoFar = async (trx: Trx) => {
      const { rows } = await sql<{ Value: string }>`show session status like 'Questions'`.execute(trx)
      return Number(rows[0]?.Value)
    }
    const statementsFor = async (count: number) => {
      let before = 0
      let after = 0
      await inTransaction(database.db, async (trx) => {
        for (let index = 0; index < count; index++) await note(trx, `many-${index}`)
        beforeCommit(trx, async () => void (after = await statementsSoFar(trx)))
        before = await statementsSoFar(trx)
      })
      return after - before
    }
    expect(await statementsFor(200)).toBe(await statementsFor(1))
  })

  it('writes a transaction of a thousand large events', async () => {
    const { db } = database
    await inTransaction(db, async (trx) => {
      for (let index = 0; index < 1_000; index++) await note(trx, `large-${index % 700}`, 'x'.repeat(10_000))
    })
    expect(await outboxRows()).toHaveLength(1_000)
  })

  it('refuses data that breaks its contract before anything is written, naming the field but not the value', async () => {
    const { db } = database
    const wrong = inTransaction(db, (trx) => emit(trx, ThingNoted, { thingId: 'a', text: 17 as never }))
    await expect(wrong).rejects.toThrow(InvalidEvent)
    await expect(wrong).rejects.toThrow('/text')
    await expect(wrong).rejects.not.toThrow('17')
    const spaced = inTransaction(db, (trx) => note(trx, 'a '))
    await expect(spaced).rejects.toThrow(InvalidEvent)
    expect(await outboxRows()).toEqual([])
  })

  it('refuses a transaction that inTransaction did not open', async () => {
    const { db } = database
    const own = db.transaction().execute((trx) => note(trx, 'a'))
    await expect(own).rejects.toThrow('inTransaction')
  })

  it('records the correlation of the request or of the event that is named as cause', async () => {
    const { db } = database
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
    await runWithCorrelation({ correlationId: 'request-1', causationId: 'request-1', traceparent }, () =>
      inTransaction(db, (trx) => note(trx, 'a')),
    )
    await runWithCorrelation({ correlationId: 'ü'.repeat(200) }, () =>
      inTransaction(db, (trx) => note(trx, 'd')),
    )
    const cause: Envelope = anEvent(ThingClosed, { thingId: 'z', text: '' }, { correlationId: 'other' })
    await inTransaction(db, (trx) => emit(trx, ThingNoted, { thingId: 'b', text: '' }, { cause }))
    await inTransaction(db, (trx) => note(trx, 'c'))

    const events = await emitted(db, ThingNoted)
    expect(events[0]).toMatchObject({ correlationId: 'request-1', causationId: 'request-1' })
    expect(events[2]).toMatchObject({ correlationId: 'other', causationId: cause.id })
    // Without one, or with one that does not fit a header, a new one is made.
    for (const event of [events[1], events[3]]) {
      expect(event?.causationId).toBeNull()
      expect(event?.correlationId).toHaveLength(newId().length)
    }
  })

  it('finds its tables already migrated at a second start', async () => {
    expect(await migrate({ db: database.db, migrations, name: 'emit' })).toEqual([])
  })
})
