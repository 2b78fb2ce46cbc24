import { subscribe } from 'node:diagnostics_channel'
import { readFile } from 'node:fs/promises'
import { brotliDecompressSync, gunzipSync, inflateSync } from 'node:zlib'
import { afterAll, afterEach, expect, inject } from 'vitest'
import { load } from 'js-yaml'
import { createAnswerCheck } from './check-answer.ts'
import type { OpenApi } from './openapi.ts'
import { isWatched, watchGateway, type ShopUnderTest } from '../under-test.ts'

// Every answer of a gateway that a test receives, by whatever client, passes here: undici publishes its requests in
// channels of the process, its own and those of the built-in fetch.

type Asked = { origin: string | URL; method: string; path: string }
type ChannelMessage = { request: Asked; response: { statusCode: number; headers: Buffer[] } }

const MOST_BYTES = 5_000_000
const UNPACK: Record<string, (body: Buffer) => Buffer> = {
  gzip: gunzipSync,
  deflate: inflateSync,
  br: brotliDecompressSync,
}

// Tests with shops of their own are provided with none.
const shop = inject('shop') as ShopUnderTest | undefined
if (shop) watchGateway(shop.gatewayUrl)

const readDocument = async () =>
  shop
    ? (await fetch(`${shop.gatewayUrl}/openapi.json`)).json()
    : load(await readFile(new URL('../../../openapi.yaml', import.meta.url), 'utf8'))

const checkAnswer = createAnswerCheck((await readDocument()) as OpenApi)

const waiting = new Map<object, { status: number; headers: Record<string, string>; chunks: Buffer[] }>()
const faults = new Set<string>()

const headersFrom = (raw: Buffer[]) =>
  Object.fromEntries(
    Array.from({ length: raw.length / 2 }, (_, at) => [
      String(raw[at * 2]).toLowerCase(),
      String(raw[at * 2 + 1]),
    ]),
  )

subscribe('undici:request:headers', (message) => {
  const { request, response } = message as ChannelMessage
  if (!isWatched(new URL(request.origin).origin) || request.method === 'HEAD') return
  waiting.set(request, { status: response.statusCode, headers: headersFrom(response.headers), chunks: [] })
})
subscribe('undici:request:bodyChunkReceived', (message) => {
  const { request, chunk } = message as { request: Asked; chunk: Buffer }
  waiting.get(request)?.chunks.push(Buffer.from(chunk))
})
subscribe('undici:request:error', (message) => void waiting.delete((message as { request: Asked }).request))
subscribe('undici:request:trailers', (message) => {
  const { request } = message as { request: Asked }
  const answer = waiting.get(request)
  waiting.delete(request)
  if (!answer) return
  const { status, headers, chunks } = answer
  const packed = Buffer.concat(chunks)
  if (packed.length > MOST_BYTES) return
  const body = UNPACK[headers['content-encoding'] ?? '']?.(packed) ?? packed
  const path = request.path.split('?', 1)[0] ?? '/'
  for (const fault of checkAnswer({ method: request.method, path, status, headers, body })) faults.add(fault)
})

const expectDocumented = () => {
  const found = [...faults]
  faults.clear()
  expect(found, 'the answer differs from the document').toEqual([])
}
afterEach(expectDocumented)
afterAll(expectDocumented)
