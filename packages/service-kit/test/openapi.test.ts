import { Type } from 'typebox'
import { afterAll, expect, it } from 'vitest'
import { requireInternal, requirePermission } from '../src/auth.ts'
import { defineProblems, IdempotencyKey, IfMatch, PageQuery } from '../src/http.ts'
import { newServer } from './shop.ts'

const app = newServer({ version: '1.2.3' })
afterAll(() => app.close())

const { Problem, problemResponses } = defineProblems({
  'slug-taken': { status: 409, title: 'The slug is taken' },
  'things-short': {
    status: 409,
    title: 'Too few things',
    extra: Type.Object({ missing: Type.Integer({ minimum: 1, examples: [2] }) }),
  },
})

const Thing = Type.Object({
  id: Type.String(),
  kind: Type.Union([Type.Literal('a'), Type.Literal('b')]),
  until: Type.Union([Type.String({ format: 'date-time' }), Type.Null()]),
})
app.get(
  '/v1/things',
  {
    schema: {
      operationId: 'listThings',
      summary: 'All things',
      querystring: PageQuery,
      response: { 200: Type.Array(Thing) },
    },
  },
  async () => [],
)
app.put(
  '/v1/things/:id',
  {
    onRequest: requirePermission('things:write'),
    schema: {
      operationId: 'putThing',
      responseHeaders: ['Location'],
      params: Type.Object({ id: Type.String() }),
      headers: Type.Object({
        'if-match': Type.Optional(IfMatch),
        'idempotency-key': Type.Optional(IdempotencyKey),
      }),
      body: Type.Object({
        kind: Thing.properties.kind,
        nested: Type.Optional(Type.Object({ a: Type.String() })),
      }),
      response: { 200: Thing, ...problemResponses('slug-taken', 'things-short', 'conflict') },
    },
  },
  async () => ({ id: '1', kind: 'a' as const, until: null }),
)
app.get(
  '/internal/things',
  {
    onRequest: requireInternal('x'),
    schema: { operationId: 'internalThings', response: { 200: Type.Array(Thing) } },
  },
  async () => [],
)

interface Document {
  openapi: string
  info: { title: string; version: string }
  paths: Record<string, Record<string, Record<string, unknown>>>
  components: Record<'schemas' | 'responses' | 'headers', Record<string, unknown>>
}
const read = async () => (await app.inject('/openapi.json')).json<Document>()

it('documents what the schemas hold, and only what clients may use', async () => {
  const { openapi, info, paths } = await read()
  expect(openapi).toBe('3.1.0')
  expect(info).toMatchObject({ title: 'Storewright shop', version: '1.2.3' })
  expect(Object.keys(paths)).toEqual(['/v1/things', '/v1/things/{id}', '/v1/boxes'])
})

it('writes choices as enums, "or null" as types, and refuses unknown properties', async () => {
  const { paths } = await read()
  expect(paths['/v1/things/{id}']?.['put']?.['requestBody']).toMatchObject({
    content: {
      'application/json': {
        schema: {
          required: ['kind'],
          additionalProperties: false,
          properties: { kind: { type: 'string', enum: ['a', 'b'] }, nested: { additionalProperties: false } },
        },
      },
    },
  })
  expect(paths['/v1/things']?.['get']?.['responses']).toMatchObject({
    200: {
      content: {
        'application/json': {
          schema: { items: { properties: { until: { type: ['string', 'null'], format: 'date-time' } } } },
        },
      },
    },
  })
})

it('documents optional parameters, who may call, and the problems of each response as a union', async () => {
  const { paths, components } = await read()
  const list = paths['/v1/things']?.['get'] ?? {}
  expect(list['parameters']).toMatchObject([
    { name: 'limit', required: false, schema: { default: 20 } },
    { name: 'cursor', required: false },
    { name: 'if-none-match', required: false },
  ])
  expect(list['responses']).toMatchObject({
    200: { description: 'All things', headers: { ETag: {}, 'Cache-Control': {} } },
    304: { headers: { ETag: {} } },
  })
  expect(list['security']).toEqual([{}, { bearer: [] }])

  const put = paths['/v1/things/{id}']?.['put'] ?? {}
  expect(put['security']).toEqual([{ bearer: [] }, { apiKey: [] }])
  expect(put['description']).toBe('Needs the permission `things:write`.')
  expect(Object.keys(put['responses'] ?? {})).toEqual(
    expect.arrayContaining(['200', '400', '401', '403', '404', '409', '413', '415', '429', '500', '503']),
  )
  expect(put['responses']).toMatchObject({
    409: { $ref: '#/components/responses/idempotency-running_slug-taken_things-short_conflict' },
    412: { $ref: '#/components/responses/stale-version' },
    422: { $ref: '#/components/responses/idempotency-mismatch' },
    200: { headers: { ETag: {}, 'Idempotency-Replayed': {}, Location: {} } },
  })
  expect(components.responses['idempotency-running_slug-taken_things-short_conflict']).toMatchObject({
    description: expect.stringContaining('; The slug is taken (`slug-taken`); Too few things'),
    content: {
      'application/problem+json': {
        schema: {
          oneOf: [
            { $ref: '#/components/schemas/IdempotencyRunningProblem' },
            { $ref: '#/components/schemas/SlugTakenProblem' },
            { $ref: '#/components/schemas/ThingsShortProblem' },
            { $ref: '#/components/schemas/ConflictProblem' },
          ],
        },
        examples: { 'things-short': { value: { missing: 2, status: 409 } } },
      },
    },
  })
  expect(components.schemas['ThingsShortProblem']).toMatchObject({
    allOf: [
      { $ref: '#/components/schemas/Problem' },
      {
        required: ['type', 'missing'],
        properties: {
          type: { const: 'urn:storewright:problem:things-short' },
          missing: { type: 'integer', minimum: 1 },
        },
      },
    ],
  })
  expect(components.schemas).toHaveProperty('Problem')
})

const Size = Type.Object(
  { unit: Type.String({ examples: ['cm'] }), value: Type.Integer({ maximum: 9, default: 1 }) },
  { title: 'Size' },
)
const Lid = Type.Union([Type.Literal('open'), Type.Literal('shut')], { title: 'Lid' })
app.post(
  '/v1/boxes',
  {
    schema: {
      operationId: 'makeBox',
      body: Type.Object({ size: Size }),
      response: {
        200: Type.Object({
          inner: Type.Union([Size, Type.Null()]),
          outer: { ...Size, description: 'of the box' },
          lid: Lid,
        }),
      },
    },
  },
  async ({ body }) => ({ inner: null, outer: body.size, lid: 'open' as const }),
)

it('makes types of what has a name, apart where a request is stricter, and completes bounds and examples', async () => {
  const { paths, components } = await read()
  const named = '#/components/schemas/Size'
  expect(paths['/v1/boxes']?.['post']).toMatchObject({
    requestBody: {
      content: {
        'application/json': {
          schema: { properties: { size: { $ref: `${named}Input` } } },
          example: { size: { unit: 'cm', value: 1 } },
        },
      },
    },
    responses: {
      200: {
        content: {
          'application/json': {
            schema: {
              properties: {
                inner: { anyOf: [{ $ref: named }, { type: 'null' }] },
                outer: { $ref: named, description: 'of the box' },
                lid: { $ref: '#/components/schemas/Lid' },
              },
            },
          },
        },
      },
    },
  })
  expect(components.schemas).toMatchObject({
    Size: {
      properties: { unit: { pattern: '^[^\\u0000]*$' }, value: { format: 'int64', maximum: 9 } },
    },
    SizeInput: { additionalProperties: false },
    Lid: { type: 'string', enum: ['open', 'shut'] },
  })
  expect(components.schemas['Size']).not.toHaveProperty('additionalProperties')
})

it('documents nothing of the tools that made the document', async () => {
  const text = JSON.stringify(await read())
  expect(text).not.toMatch(/~kind|\$id|def-0|x-problems|x-kinds|x-sends/)
})

it('answers a problem that a service defined with its status, title and extra members', async () => {
  const shop = newServer()
  shop.get('/v1/short', { schema: { operationId: 'short' } }, () => {
    throw new Problem('things-short', 'Two are missing.', { missing: 2, retryAfter: 3 })
  })
  const response = await shop.inject('/v1/short')
  expect(response.headers['retry-after']).toBe('3')
  expect(response.json()).toMatchObject({
    type: 'urn:storewright:problem:things-short',
    status: 409,
    title: 'Too few things',
    detail: 'Two are missing.',
    missing: 2,
  })
  await shop.close()
})
