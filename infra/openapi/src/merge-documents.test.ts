import { expect, it } from 'vitest'
import { mergeDocuments, type OpenApiDocument } from './merge-documents.ts'
import type { ServiceName } from '../../../services/gateway/src/proxy/routes.ts'

const reading = (reference: string) => ({
  get: { operationId: 'read', responses: { 200: { $ref: reference } } },
})

const merge = (documents: [ServiceName, OpenApiDocument][]) =>
  mergeDocuments(new Map(documents), {
    base: { openapi: '3.1.0', paths: { '/health': {} }, components: { securitySchemes: { bearer: {} } } },
    tagOf: { user: 'Identity', catalog: 'Catalogue' },
    serviceOf: (path) =>
      path.startsWith('/v1/me') ? 'user' : path.startsWith('/v1/products') ? 'catalog' : undefined,
    responses: { 429: { description: 'slow down' } },
  })

it('keeps the paths that are routed to the service that describes them, and drops all others', () => {
  const merged = merge([
    ['user', { paths: { '/v1/me': reading('#/a'), '/live': reading('#/a'), '/internal/x': reading('#/a') } }],
    ['catalog', { paths: { '/v1/products': reading('#/a'), '/v1/me': reading('#/b') } }],
  ])
  expect(Object.keys(merged['paths'] as object).sort()).toEqual(['/health', '/v1/me', '/v1/products'])
  expect(merged).toMatchObject({ paths: { '/v1/me': { get: { responses: { 200: { $ref: '#/a' } } } } } })
})

it('tags operations by their service and adds the gateway’s own responses', () => {
  const own = { get: { tags: ['Mine'], responses: { 429: { description: 'own words' } } } }
  expect(merge([['user', { paths: { '/v1/me': reading('#/a'), '/v1/me/sessions': own } }]])).toMatchObject({
    paths: {
      '/v1/me': { get: { tags: ['Identity'], responses: { 429: { description: 'slow down' } } } },
      '/v1/me/sessions': { get: { tags: ['Mine'], responses: { 429: { description: 'own words' } } } },
    },
  })
})

const withPrice = (schema: object) =>
  ({
    paths: { '/v1/me': reading('#/components/schemas/Price') },
    components: { schemas: { Price: schema }, securitySchemes: { internal: {} } },
  }) as OpenApiDocument

it('shares a component that two services describe equally, whatever the order of its keys', () => {
  const merged = merge([
    ['user', withPrice({ type: 'object', title: 'Price' })],
    ['catalog', withPrice({ title: 'Price', type: 'object' })],
  ])
  expect(merged).toMatchObject({
    components: { schemas: { Price: { title: 'Price' } }, securitySchemes: { bearer: {} } },
  })
  expect(merged['components']).not.toHaveProperty('securitySchemes.internal')
})

it('refuses two different components of one name and names the service', () => {
  const documents: [ServiceName, OpenApiDocument][] = [
    ['user', withPrice({ type: 'object' })],
    ['catalog', withPrice({ type: 'string' })],
  ]
  expect(() => merge(documents)).toThrow(/catalog describes schemas\/Price differently/)
})

it('drops components that nothing refers to', () => {
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
