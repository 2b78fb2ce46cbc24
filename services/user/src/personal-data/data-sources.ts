import { createInternalClient, replicaUrls, type InternalClient } from '@storewright/runtime/internal-client'
import { Problem } from '@storewright/service-kit/http'

export interface DataSource {
  name: string
  client: InternalClient
}

export interface Item {
  type: string
  [field: string]: unknown
}
interface DataPage {
  items: Item[]
  nextCursor: string | null
}

const TIMEOUT_MS = 10_000

const isDataPage = (body: unknown): body is DataPage => {
  if (typeof body !== 'object' || body === null) return false
  const items: unknown = Reflect.get(body, 'items')
  const cursor: unknown = Reflect.get(body, 'nextCursor')
  return (
    Array.isArray(items) &&
    items.every((item: unknown) => typeof (item as Item | null)?.type === 'string') &&
    (cursor === null || typeof cursor === 'string')
  )
}

/** The services whose base URLs are set; one that is not set holds no data. */
export const dataSourcesFrom = (
  urls: Record<string, string | undefined>,
  { internalToken }: { internalToken: string },
): DataSource[] =>
  Object.entries(urls).flatMap(([name, setting = '']) => {
    if (replicaUrls(setting).length === 0) return []
    const options = { service: name, urls: setting, token: internalToken, timeoutMs: TIMEOUT_MS }
    return [{ name, client: createInternalClient(options) }]
  })

const readPage = async ({ client }: DataSource, path: string): Promise<DataPage> => {
  try {
    return await client.call({
      path,
      accept: (status, body) => (status === 200 && isDataPage(body) ? body : undefined),
    })
  } catch (error) {
    throw new Problem(
      'unavailable',
      'A part of the shop that holds your data cannot be reached; the export would lack it.',
      { retryAfter: 5 },
      { cause: error },
    )
  }
}

/** Everything that a service holds about a person, a page at a time. */
export async function* readDataSource(source: DataSource, userId: string): AsyncGenerator<Item[]> {
  let cursor: string | null = null
  do {
    const query: string = cursor === null ? '' : `?cursor=${encodeURIComponent(cursor)}`
    const page: DataPage = await readPage(source, `/internal/users/${userId}/personal-data${query}`)
    if (page.nextCursor !== null && page.nextCursor === cursor) {
      throw new Error(`${source.name} returned the same page of personal data twice`)
    }
    yield page.items
    cursor = page.nextCursor
  } while (cursor !== null)
}
