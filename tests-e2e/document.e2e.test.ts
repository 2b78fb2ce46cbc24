import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { createAnswerCheck } from './support/document/check-answer.ts'
import { findMissingExamples, findWrongExamples } from './support/document/examples.ts'
import { excerptOf, operationsOf, type OpenApi } from './support/document/openapi.ts'
import { runLinter } from './support/run-linter.ts'

const { gatewayUrl } = inject('shop')

let folder: string
let path: string
let text: string
let document: OpenApi
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'storewright-'))
  await mkdir(join(folder, 'home'))
  path = join(folder, 'openapi.json') // the name that the linters' exceptions are for
  text = await (await fetch(`${gatewayUrl}/openapi.json`)).text()
  document = JSON.parse(text) as OpenApi
  await writeFile(path, JSON.stringify(document, null, 2))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

describe('linters find nothing', () => {
  it('by the rules of OpenAPI and OWASP (Spectral), hints included', async () => {
    const args = ['lint', path, '--ruleset', '.spectral.yaml', '--fail-severity', 'hint']
    const { code, output } = await runLinter('spectral', args, join(folder, 'home'))
    expect(output).toContain('No results with a severity of')
    expect(code, output).toBe(0)
  })

  it('by the strict rules of Redocly', async () => {
    const args = ['lint', path, '--config', 'redocly.yaml', '--max-problems', '1000']
    const { code, output } = await runLinter('redocly', args, join(folder, 'home'))
    expect(output).toContain('Your API description is valid')
    expect(output).not.toMatch(/\d+ warning/)
    expect(code, output).toBe(0)
  })

  it('except in a document with a planted fault, which both report', async () => {
    const broken = join(folder, 'broken', 'openapi.json')
    await mkdir(join(folder, 'broken'))
    const excerpt = JSON.stringify(excerptOf(document, ['/v1/products', '/v1/products/{id}']))
    expect(excerpt).toContain('"operationId":"getProduct"')
    await writeFile(broken, excerpt.replace('"operationId":"listProducts"', '"operationId":"getProduct"'))
    for (const [name, args] of [
      ['spectral', ['lint', broken, '--ruleset', '.spectral.yaml']],
      ['redocly', ['lint', broken, '--config', 'redocly.yaml']],
    ] as const) {
      const { code, output } = await runLinter(name, args, join(folder, 'home'))
      expect(code, name).not.toBe(0)
      expect(output, name).toContain('operation-operationId-unique')
    }
  })
})

describe('examples', () => {
  it('fit the schemas that they belong to', () => expect(findWrongExamples(document)).toEqual([]))

  it('exist for every request body and every successful response', () =>
    expect(findMissingExamples(document)).toEqual([]))
})

describe('the document', () => {
  it('is complete OpenAPI 3.1 and shows no internal path', () => {
    expect(document.openapi).toMatch(/^3\.1\./)
    const ids = operationsOf(document).map(({ operation }) => operation.operationId)
    expect(new Set(ids).size).toBe(ids.length)
    expect(
      Object.keys(document.paths).filter((name) => !/^\/(v1\/|health$|\.well-known\/)/.test(name)),
    ).toEqual([])
    expect(Object.keys(document.paths)).toEqual(
      expect.arrayContaining([
        '/v1/auth/login',
        '/v1/me',
        '/v1/products',
        '/v1/stock/{sku}',
        '/v1/carts',
        '/v1/orders',
      ]),
    )
  })

  it('is answered with 304 to a client that has it', async () => {
    const first = await fetch(`${gatewayUrl}/openapi.json`, { headers: { 'cache-control': 'no-cache' } })
    await first.text()
    const again = { headers: { 'if-none-match': first.headers.get('etag') ?? '' } }
    expect((await fetch(`${gatewayUrl}/openapi.json`, again)).status).toBe(304)
  })
})

describe('every operation', () => {
  it('has a summary, a tag, and a documented problem for every error', () => {
    for (const { operation } of operationsOf(document)) {
      const { operationId, summary, description, tags, responses, requestBody, security } = operation
      expect(summary, operationId).toBeTruthy()
      expect(description, operationId).toBeTruthy()
      expect(tags, operationId).toHaveLength(1)
      expect(Object.keys(responses), operationId).toEqual(
        expect.arrayContaining(['400', '429', '500', '503', ...(requestBody ? ['413', '415'] : [])]),
      )
      const isClosed = security?.every((way) => Object.keys(way).length > 0) && security.length > 0
      if (isClosed) expect(Object.keys(responses), operationId).toContain('401')
      if (operation['x-permission']) expect(Object.keys(responses), operationId).toContain('403')
    }
  })
})

describe('the check of answers that every end-to-end test makes', () => {
  const good = {
    method: 'GET',
    path: '/v1/stock/MUG-1',
    status: 200,
    headers: {
      'content-type': 'application/json; charset=utf-8',
      'ratelimit-limit': '600',
      'ratelimit-remaining': '599',
      'ratelimit-reset': '60',
      'x-request-id': 'abc',
      etag: 'W/"a-b"',
      'cache-control': 'no-cache',
    },
    body: { sku: 'MUG-1', status: 'in_stock', available: 5 } as object,
  }
  type Change = Partial<Omit<typeof good, 'headers'>> & { headers?: Record<string, string> }
  const faults = (change: Change) => {
    const { body, ...received } = { ...good, ...change }
    return createAnswerCheck(document)({ ...received, body: Buffer.from(JSON.stringify(body)) }).join('\n')
  }
  const problem = { 'content-type': 'application/problem+json' }

  it('accepts a documented response', () => expect(faults({})).toBe(''))

  it.each([
    ['a status', { status: 418 }, 'status is not documented'],
    ['a property', { body: { ...good.body, secret: 1 } }, 'additional properties'],
    ['a type', { body: { ...good.body, available: '5' } }, 'must be integer'],
    ['a lack', { body: { sku: 'MUG-1' } }, "required property 'status'"],
    [
      'a content type',
      { headers: { ...good.headers, 'content-type': 'text/html' } },
      'content type text/html',
    ],
    ['a header', { headers: { ...good.headers, location: '/x' } }, 'header location is not documented'],
    [
      'a lacking header',
      { headers: { 'content-type': 'application/json' } },
      'lacks the header x-request-id',
    ],
    [
      'a problem',
      {
        status: 404,
        headers: { ...good.headers, ...problem },
        body: {
          type: 'urn:storewright:problem:slug-taken',
          title: 'a',
          status: 404,
          detail: 'b',
          instance: '/',
          requestId: 'c',
        },
      },
      '/type must be equal to constant {"allowedValue":"urn:storewright:problem:not-found"}',
    ],
  ])('reports %s that is not documented', (_what, change, reported) =>
    expect(faults(change)).toContain(reported),
  )
})
