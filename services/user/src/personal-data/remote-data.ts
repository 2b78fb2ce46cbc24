import { Problem } from '@storewright/service-kit/http'

/** A service that holds something about people, and where it is asked for it. */
export interface Holder {
  name: string
  /** Base URLs of its replicas. */
  urls: string[]
}

export interface Item {
  type: string
  [field: string]: unknown
}
interface Answer {
  items: Item[]
  nextCursor: string | null
}

const TIMEOUT_MS = 10_000

const isAnswer = (body: unknown): body is Answer => {
  if (typeof body !== 'object' || body === null) return false
  const items: unknown = Reflect.get(body, 'items')
  const cursor: unknown = Reflect.get(body, 'nextCursor')
  return (
    Array.isArray(items) &&
    items.every((item: unknown) => typeof (item as Item | null)?.type === 'string') &&
    (cursor === null || typeof cursor === 'string')
  )
}

/** Holders as the settings name them; one that is not set is not asked. */
export const holdersFrom = (urls: Record<string, string | undefined>): Holder[] =>
  Object.entries(urls).flatMap(([name, list]) => {
    const given = (list ?? '').split(',').flatMap((url) => url.trim().replace(/\/+$/, '') || [])
    return given.length > 0 ? [{ name, urls: given }] : []
  })

/** Asks one replica after the other. */
const ask = async ({ name, urls }: Holder, path: string, internalToken: string): Promise<Answer> => {
  let failure: unknown
  for (const url of urls) {
    try {
      const response = await fetch(url + path, {
        headers: { 'x-internal-token': internalToken },
        signal: AbortSignal.timeout(TIMEOUT_MS),
      })
      const body: unknown = await response.json()
      if (response.ok && isAnswer(body)) return body
      failure = new Error(`${name} answered ${response.status} when asked for personal data`)
    } catch (error) {
      failure = error
    }
  }
  throw new Problem(
    'unavailable',
    'A part of the shop that holds your data cannot be reached; the export would lack it.',
    { retryAfter: 5 },
    { cause: failure },
  )
}

/** All that a service holds about a person, a page at a time. */
export async function* readHolder(
  holder: Holder,
  { userId, internalToken }: { userId: string; internalToken: string },
): AsyncGenerator<Item[]> {
  let cursor: string | null = null
  do {
    const query: string = cursor === null ? '' : `?cursor=${encodeURIComponent(cursor)}`
    const page: Answer = await ask(holder, `/internal/users/${userId}/personal-data${query}`, internalToken)
    if (page.nextCursor !== null && page.nextCursor === cursor) {
      throw new Error(`${holder.name} gives the same page of personal data again`)
    }
    yield page.items
    cursor = page.nextCursor
  } while (cursor !== null)
}
