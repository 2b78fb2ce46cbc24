import { parseJson } from '@storewright/database'
import { findAccount } from '../accounts/accounts.ts'
import { listAddresses } from '../addresses/address.ts'
import { listAllActivity } from '../audit-log/audit-log.ts'
import type { Db } from '../database.ts'
import { listConsents, readPreferences } from '../preferences/preferences.ts'
import { listAllSessions } from '../sessions/session.ts'
import { type DataSource, type Item, readDataSource } from './data-sources.ts'
import { describeErasure } from './erasure.ts'
import { findErasureOf } from './queries.ts'

const PAGE = 200

/** Rows in the order of their ids, a page at a time. */
async function* paged<Row extends { id: string }>(read: (after: string) => Promise<Row[]>) {
  for (let after = ''; ;) {
    const rows = await read(after)
    yield rows
    if (rows.length < PAGE) return
    after = rows.at(-1)?.id ?? ''
  }
}

async function* list(name: string, pages: AsyncIterable<unknown[]>): AsyncGenerator<string> {
  yield `,\n${JSON.stringify(name)}: [`
  let first = true
  for await (const page of pages) {
    for (const item of page) {
      yield `${first ? '' : ','}\n${JSON.stringify(item)}`
      first = false
    }
  }
  yield ']'
}

const sections: Record<string, readonly string[]> = {
  order: ['order', 'cart'],
  notification: ['message'],
}

/** What a service holds, a list for each type of thing; the service returns one type after the other. */
async function* listsOf(source: DataSource, pages: AsyncIterable<Item[]>): AsyncGenerator<string> {
  const missing = new Set(sections[source.name] ?? [])
  let open: string | undefined
  let first = true
  for await (const page of pages) {
    for (const { type, ...item } of page) {
      if (type !== open) {
        yield `${open === undefined ? '' : ']'},\n${JSON.stringify(`${type}s`)}: [`
        missing.delete(type)
        open = type
        first = true
      }
      yield `${first ? '' : ','}\n${JSON.stringify(item)}`
      first = false
    }
  }
  if (open !== undefined) yield ']'
  for (const type of missing) yield `,\n${JSON.stringify(`${type}s`)}: []`
}

const iso = (date: Date | null) => date?.toISOString() ?? null

/** Everything that is known about a person, as the text of one JSON document; throws where a part is missing. */
export async function* exportDocument(
  { db, dataSources }: { db: Db; dataSources: readonly DataSource[] },
  userId: string,
  now: Date,
): AsyncGenerator<string> {
  const found = await findAccount(db, userId)
  if (!found) throw new Error(`the account ${userId} vanished`)
  const { version: _version, roles, ...account } = found
  const erasure = await findErasureOf(db, userId)
  yield `{\n"exportedAt": ${JSON.stringify(now)}`
  yield `,\n"account": ${JSON.stringify({ ...account, roles: roles?.split(',') ?? [] })}`
  yield `,\n"preferences": ${JSON.stringify(await readPreferences(db, userId))}`
  yield `,\n"erasures": ${JSON.stringify(erasure ? [describeErasure(erasure)] : [])}`

  const own = <Row extends { id: string }>(
    name: string,
    read: (after: string) => Promise<Row[]>,
    describe: (row: Row) => unknown,
  ) =>
    list(
      name,
      (async function* () {
        for await (const rows of paged(read)) yield rows.map(describe)
      })(),
    )
  const from = (after: string) => ({ userId, after, limit: PAGE })
  yield* own(
    'consents',
    (after) => listConsents(db, from(after)),
    ({ purpose, given, at }) => ({ purpose, given: given === 1, at: iso(at) }),
  )
  yield* own(
    'addresses',
    (after) => listAddresses(db, from(after)),
    (address) => address,
  )
  yield* own(
    'sessions',
    (after) => listAllSessions(db, from(after)),
    ({ createdAt, lastUsedAt, expiresAt, revokedAt, ...session }) => ({
      ...session,
      createdAt: iso(createdAt),
      lastUsedAt: iso(lastUsedAt),
      expiresAt: iso(expiresAt),
      endedAt: iso(revokedAt),
    }),
  )
  yield* own(
    'activity',
    (after) => listAllActivity(db, from(after)),
    ({ at, details, ...activity }) => ({
      ...activity,
      at: iso(at),
      details: details === null ? null : parseJson<unknown>(details),
    }),
  )
  for (const source of dataSources) yield* listsOf(source, readDataSource(source, userId))
  yield '\n}\n'
}
