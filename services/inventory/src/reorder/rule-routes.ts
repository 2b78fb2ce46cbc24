import { inTransaction } from '@storewright/database'
import { requirePermission } from '@storewright/service-kit/auth'
import { IfMatchHeaders, notFound, requireMatch, withEtag, type Server } from '@storewright/service-kit/http'
import { Type } from 'typebox'
import type { Deps } from '../config.ts'
import { MAIN_LOCATION } from '../database.ts'
import { LocationCode } from '../locations/location.ts'
import { Problem, problemResponses } from '../problems.ts'
import { SkuParams, skuFrom } from '../skus.ts'
import { requireKnownSku } from '../stock/resolve-skus.ts'
import { findRule } from './queries.ts'
import { describeRule, RuleInput, RuleView } from './rule.ts'
import { deleteRule, setRule } from './set-rule.ts'

const tags = ['Stock']
const onRequest = requirePermission('stock:write')
const LocationQuery = Type.Object({
  location: Type.Optional({ ...LocationCode, description: `without it ${MAIN_LOCATION}` }),
})

/** Of query and body; both may name it, but not two. */
const oneLocation = (query: string | undefined, body: string | undefined) => {
  if (query !== undefined && body !== undefined && query !== body) {
    throw new Problem('unprocessable', 'Query and body name two locations.', {
      errors: [{ path: 'location', message: 'is another one than in the query' }],
    })
  }
  return query ?? body ?? MAIN_LOCATION
}

export const ruleRoutes = (app: Server, { db, catalog, settings }: Deps) => {
  app.get(
    '/v1/stock/:sku/reorder-rule',
    {
      onRequest,
      schema: {
        operationId: 'getReorderRule',
        summary: 'When and how a SKU is reordered at a location',
        description: 'On a computed rule, point and quantity are those of the last suggestion.',
        tags,
        responseHeaders: ['ETag'],
        params: SkuParams,
        querystring: LocationQuery,
        response: { 200: RuleView },
      },
    },
    async ({ params, query: { location = MAIN_LOCATION } }, reply) => {
      const sku = skuFrom(params.sku)
      const rule = (await findRule(db, sku, location)) ?? notFound('reorder rule', sku)
      return describeRule(withEtag(reply, rule), location)
    },
  )

  app.put(
    '/v1/stock/:sku/reorder-rule',
    {
      onRequest,
      schema: {
        operationId: 'setReorderRule',
        summary: 'Set when and how a SKU is reordered at a location',
        description:
          'Replaces the rule as a whole. An automatic one makes a purchase order when at most reorderPoint are available ' +
          'and none is open for the SKU there, also at once; it is submitted where the rule names a supplier, else a ' +
          'draft, and rounded up to the supplier’s packs.',
        tags,
        responseHeaders: ['ETag'],
        params: SkuParams,
        querystring: LocationQuery,
        headers: IfMatchHeaders,
        body: RuleInput,
        response: {
          200: RuleView,
          201: RuleView,
          ...problemResponses('stale-version', 'unknown-location', 'unprocessable'),
        },
      },
    },
    async (request, reply) => {
      const { body: input, query } = request
      const sku = skuFrom(request.params.sku)
      const location = oneLocation(query.location, input.location)
      await requireKnownSku(sku, { db, catalog })
      const options = { settings, check: (version: number) => requireMatch(request, version) }
      const { rule, isNew } = await inTransaction(db, (trx) =>
        setRule(trx, { sku, location, input }, options),
      )
      return reply.code(isNew ? 201 : 200).send(describeRule(withEtag(reply, rule), location))
    },
  )

  app.delete(
    '/v1/stock/:sku/reorder-rule',
    {
      onRequest,
      schema: {
        operationId: 'deleteReorderRule',
        summary: 'Stop reordering a SKU at a location',
        description: 'Orders that it made stay as they are.',
        tags,
        params: SkuParams,
        querystring: LocationQuery,
        headers: IfMatchHeaders,
        response: { 204: Type.Null({ description: 'Deleted' }), ...problemResponses('stale-version') },
      },
    },
    async (request, reply) => {
      const sku = skuFrom(request.params.sku)
      const { location = MAIN_LOCATION } = request.query
      const options = { settings, check: (version: number) => requireMatch(request, version) }
      await inTransaction(db, (trx) => deleteRule(trx, { sku, location }, options))
      return reply.code(204).send(null)
    },
  )
}
