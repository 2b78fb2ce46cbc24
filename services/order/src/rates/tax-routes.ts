import { Page, Uuid } from '@storewright/contracts'
import { inTransaction, isDuplicateKey, newId } from '@storewright/database'
import { authOf, requirePermission } from '@storewright/service-kit/auth'
import {
  defineCursor,
  IfMatchHeaders,
  notFound,
  OptionalIdempotencyHeaders,
  pageOf,
  PageQuery,
  requireMatch,
  withEtag,
  withIdempotency,
  type Server,
} from '@storewright/service-kit/http'
import { Type } from 'typebox'
import type { Trx } from '../database.ts'
import type { Deps } from '../deps.ts'
import { Problem, problemResponses } from '../problems.ts'
import { raisePricingVersion } from './queries.ts'
import {
  deleteTaxRate,
  findTaxRate,
  insertTaxRate,
  isCategory,
  listTaxRatePage,
  lockTaxRate,
  updateTaxRate,
  type StoredTaxRate,
} from './tax-queries.ts'
import { isCountry, NewTaxRate, TaxRatePatch, TaxRateView } from './tax-schemas.ts'

const tags = ['Settings']
const onRequest = requirePermission('settings:write')
const Params = Type.Object({ id: Uuid })
const cursors = defineCursor('tax-rates', ['text', 'text', 'time'])

const view = ({ validFrom, createdAt, updatedAt, ...rate }: StoredTaxRate) => ({
  ...rate,
  validFrom: validFrom.toISOString(),
  createdAt: createdAt.toISOString(),
  updatedAt: updatedAt.toISOString(),
})

const checkRate = async (trx: Trx, { country, category }: StoredTaxRate) => {
  const refuse = (path: string, message: string) => {
    throw new Problem('unprocessable', 'The tax rate cannot be as it was sent.', {
      errors: [{ path, message }],
    })
  }
  if (!isCountry(country)) refuse('country', 'is no ISO 3166-1 country')
  if (category !== null && !(await isCategory(trx, category))) refuse('category', 'is no category')
}

/** Two rates for the same could not both be in force. */
const orTaken = async <T>(write: () => Promise<T>): Promise<T> => {
  try {
    return await write()
  } catch (error) {
    if (!isDuplicateKey(error)) throw error
    throw new Problem('conflict', 'Another rate of this country and category begins at this instant.', {
      errors: [{ path: 'validFrom', message: 'is when another rate begins' }],
    })
  }
}

/** What is to be paid on sales, by country, category and time. */
export const taxRoutes = (app: Server, { db, rates, settings }: Deps) => {
  const read = async (id: string) => view((await findTaxRate(db, id)) ?? notFound('tax rate', id))

  app.get(
    '/v1/tax-rates',
    {
      onRequest,
      schema: {
        operationId: 'listTaxRates',
        summary: 'Tax rates, by country, category and begin',
        description: 'Of one country or of all, past and future ones too.',
        tags,
        querystring: Type.Object({
          ...PageQuery.properties,
          country: Type.Optional(Type.String({ pattern: '^[A-Z]{2}$', maxLength: 2 })),
        }),
        response: { 200: Page(TaxRateView) },
      },
    },
    async ({ query: { limit, cursor, country } }) => {
      const after = cursors.decode(cursor)
      const found = await listTaxRatePage(db, { country, after, limit: limit + 1 })
      const cursorOf = (last: StoredTaxRate) =>
        cursors.encode(last.country, last.category ?? '', last.validFrom)
      return pageOf(found, limit, cursorOf, view)
    },
  )

  app.get(
    '/v1/tax-rates/:id',
    {
      onRequest,
      schema: {
        operationId: 'getTaxRate',
        summary: 'A tax rate',
        description: 'With the ETag that a change or a deletion may name.',
        tags,
        responseHeaders: ['ETag'],
        params: Params,
        response: { 200: TaxRateView },
      },
    },
    async ({ params }, reply) => withEtag(reply, await read(params.id)),
  )

  app.post(
    '/v1/tax-rates',
    {
      onRequest,
      schema: {
        operationId: 'createTaxRate',
        summary: 'Add a tax rate',
        description:
          'The nearest category’s rate counts, else the country’s own; of those that have begun, the one that began last. ' +
          'Carts and checkouts use it within a second.',
        tags,
        responseHeaders: ['Location', 'ETag'],
        headers: OptionalIdempotencyHeaders,
        body: NewTaxRate,
        response: {
          201: TaxRateView,
          ...problemResponses('conflict', 'unprocessable', 'idempotency-mismatch'),
        },
      },
    },
    async (request, reply) => {
      const { category = null, validFrom, ...rest } = request.body
      const scope = `createTaxRate|${authOf(request).userId}`
      const { resourceId: id } = await orTaken(() =>
        withIdempotency(db, { request, reply, scope }, async (trx) => {
          const now = settings.clock()
          const begin = validFrom === undefined ? now : new Date(validFrom)
          const times = { validFrom: begin, createdAt: now, updatedAt: now }
          const rate = { id: newId(), ...rest, category, ...times, version: 1 }
          await checkRate(trx, rate)
          await insertTaxRate(trx, rate)
          await raisePricingVersion(trx)
          return { status: 201, resourceId: rate.id }
        }),
      )
      rates.forget()
      void reply.header('location', `/v1/tax-rates/${id}`)
      return withEtag(reply, await read(id))
    },
  )

  app.patch(
    '/v1/tax-rates/:id',
    {
      onRequest,
      schema: {
        operationId: 'changeTaxRate',
        summary: 'Change a tax rate',
        description:
          'What is not sent stays as it is. Orders keep what they cost. For a new rate from a day on, add one that begins then.',
        tags,
        responseHeaders: ['ETag'],
        params: Params,
        headers: IfMatchHeaders,
        body: TaxRatePatch,
        response: { 200: TaxRateView, ...problemResponses('conflict', 'unprocessable', 'stale-version') },
      },
    },
    async (request, reply) => {
      const { validFrom, ...rest } = request.body
      const { id } = request.params
      const changed = await orTaken(() =>
        inTransaction(db, async (trx) => {
          const rate = (await lockTaxRate(trx, id)) ?? notFound('tax rate', id)
          requireMatch(request, rate.version)
          const begin = validFrom === undefined ? rate.validFrom : new Date(validFrom)
          const version = rate.version + 1
          const next = { ...rate, ...rest, validFrom: begin, version, updatedAt: settings.clock() }
          await checkRate(trx, next)
          await updateTaxRate(trx, next)
          await raisePricingVersion(trx)
          return next
        }),
      )
      rates.forget()
      return withEtag(reply, view(changed))
    },
  )

  app.delete(
    '/v1/tax-rates/:id',
    {
      onRequest,
      schema: {
        operationId: 'deleteTaxRate',
        summary: 'Delete a tax rate',
        description: 'The one before it is in force again, if there is one. Orders keep what they cost.',
        tags,
        params: Params,
        headers: IfMatchHeaders,
        response: { 204: Type.Null({ description: 'Deleted' }), ...problemResponses('stale-version') },
      },
    },
    async (request, reply) => {
      const { id } = request.params
      await inTransaction(db, async (trx) => {
        const { version } = (await lockTaxRate(trx, id)) ?? notFound('tax rate', id)
        requireMatch(request, version)
        await deleteTaxRate(trx, id)
        await raisePricingVersion(trx)
      })
      rates.forget()
      return reply.code(204).send(null)
    },
  )
}
