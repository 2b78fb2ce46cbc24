import { expect, it } from 'vitest'
import { mergeOpenApi, type OpenApiDocument } from './merge-openapi.ts'
import type { ServiceName } from '../proxy/routes.ts'

const reading = (reference: string) => ({
  get: { operationId: 'read', responses: { 200: { $ref: reference } } },
})

const merge = (documents: [ServiceName, OpenApiDocument][]) =>
  mergeOpenApi(new Map(documents), {
    frame: { openapi: '3.1.0', paths: { '/health': {} }, components: { securitySchemes: { bearer: {} } } },
    tagOf: { user: 'Identity', catalog: 'Catalogue' },
    serviceOf: (path) =>
      path.startsWith('/v1/me') ? 'user' : path.startsWith('/v1/products') ? 'catalog' : undefined,
    responses: { 429: { description: 'slow down' } },
  })

it('keeps what is forwarded to the service that describes it, and drops the rest', () => {
  const merged = merge([
    ['user', { paths: { '/v1/me': reading('#/a'), '/live': reading('#/a'), '/internal/x': reading('#/a') } }],
    ['catalog', { paths: { '/v1/products': reading('#/a'), '/v1/me': reading('#/b') } }],
  ])
  expect(Object.keys(merged['paths'] as object).sort()).toEqual(['/health', '/v1/me', '/v1/products'])
  expect(merged).toMatchObject({ paths: { '/v1/me': { get: { responses: { 200: { $ref: '#/a' } } } } } })
})

it('tags operations by their service and adds what the gateway answers', () => {
  const own = { get: { tags: ['Mine'], responses: { 429: { description: 'own words' } } } }
  expect(merge([['user', { paths: { '/v1/me': reading('#/a'), '/v1/me/sessions': own } }]])).toMatchObject({
    paths: {
      '/v1/me': { get: { tags: ['Identity'], responses: { 429: { description: 'slow down' } } } },
      '/v1/me/sessions': { get: { tags: ['Mine'], responses: { 429: { description: 'own words' } } } },
    },
  })
})

it('shares equal components and keeps different ones of one name apart, references included', () => {
  const part = (title: string): OpenApiDocument['components'] => ({
    schemas: {
      Problem: { type: 'object' },
      Item: { title },
      List: { items: { $ref: '#/components/schemas/Item' } },
    },
    securitySchemes: { internal: {} },
  })
  const merged = merge([
    ['user', { paths: { '/v1/me': reading('#/components/schemas/List') }, components: part('a')! }],
    ['catalog', { paths: { '/v1/products': reading('#/components/schemas/List') }, components: part('b')! }],
  ])
  expect(merged).toMatchObject({
    paths: {
      '/v1/me': { get: { responses: { 200: { $ref: '#/components/schemas/List' } } } },
      '/v1/products': { get: { responses: { 200: { $ref: '#/components/schemas/catalog-List' } } } },
    },
    components: {
      schemas: {
        Item: { title: 'a' },
        List: { items: { $ref: '#/components/schemas/Item' } },
        'catalog-Item': { title: 'b' },
        'catalog-List': { items: { $ref: '#/components/schemas/catalog-Item' } },
      },
      securitySchemes: { bearer: {} },
    },
  })
  expect(merged['components']).not.toHaveProperty('schemas.catalog-Problem')
  expect(merged['components']).not.toHaveProperty('securitySchemes.internal')
})

it('drops what nothing refers to any more', () => {
  const schemas = {
    Used: { title: 'used' },
    Unused: { items: { $ref: '#/components/schemas/OnlyThere' } },
    OnlyThere: {},
  }
  const merged = merge([
    ['user', { paths: { '/v1/me': reading('#/components/schemas/Used') }, components: { schemas } }],
  ])
  expect(merged).toMatchObject({ components: { schemas: { Used: { title: 'used' } } } })
  expect(merged['components']).not.toHaveProperty('schemas.Unused')
  expect(merged['components']).not.toHaveProperty('schemas.OnlyThere')
})
