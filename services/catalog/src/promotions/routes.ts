import { Page } from '@storewright/contracts'
import { inTransaction } from '@storewright/database'
import { normaliseCode, phaseOf } from '@storewright/promotions/promotion'
import { authOf, requirePermission } from '@storewright/service-kit/auth'
import {
  defineCursor,
  IfMatchHeaders,
  notFound,
  OptionalIdempotencyHeaders,
  pageOf,
  requireMatch,
  withEtag,
  withIdempotency,
  type Server,
} from '@storewright/service-kit/http'
import type { FastifyRequest } from 'fastify'
import type { Db } from '../database.ts'
import { deletion, problemResponses } from '../problems.ts'

import { retryOnDuplicateKey } from '../writes.ts'
import { changePromotion, createPromotion, deletePromotion } from './edit-promotions.ts'
import { evaluateItems } from './evaluate-items.ts'
import { Evaluation, EvaluationInput } from './evaluate-schemas.ts'
import { appliesToOf } from './promotion-input.ts'
import { findPromotion, listPromotions, type StoredPromotion } from './queries.ts'
import { ListQuery, Params, Promotion, PromotionInput, PromotionPatch } from './schemas.ts'

const tags = ['Promotions']
const onRequest = requirePermission('promotions:write')
const cursors = defineCursor('promotions', ['id'])

const describePromotion = ({ promotion, version, createdAt, updatedAt }: StoredPromotion, now: Date) => {
  const { promotionId, basisPoints, productIds: _p, categoryIds: _c, get, ...rest } = promotion
  return {
    id: promotionId,
    ...rest,
    status: phaseOf(promotion, now),
    percentage: basisPoints === null ? null : basisPoints / 100,
    amount: promotion.amounts[0] ?? null,
    get: get && { quantity: get.quantity, percentage: get.basisPoints / 100 },
    appliesTo: appliesToOf(promotion),
    minimum: promotion.minimums[0] ?? null,
    version,
    createdAt: createdAt.toISOString(),
    updatedAt: updatedAt.toISOString(),
  }
}

export const promotionRoutes = (app: Server, { db, currency }: { db: Db; currency: string }) => {
  const read = async (id: string) => {
    const stored = (await findPromotion(db, id)) ?? notFound('promotion', id)
    return describePromotion(stored, new Date())
  }
  const checkOf =
    (request: FastifyRequest) =>
    ({ version }: StoredPromotion) =>
      requireMatch(request, version)

  app.get(
    '/v1/promotions',
    {
      onRequest,
      schema: {
        operationId: 'listPromotions',
        summary: 'Promotions, the newest first',
        description: 'By status and by coupon code, ended ones too.',
        tags,
        querystring: ListQuery,
        response: { 200: Page(Promotion) },
      },
    },
    async ({ query: { cursor, limit, status, code } }) => {
      const now = new Date()
      const normalised = code === undefined ? undefined : (normaliseCode(code) ?? '')
      const [beforeId] = cursors.decode(cursor) ?? []
      const filter = { status, code: normalised, beforeId, limit: limit + 1, now }
      return pageOf(
        await listPromotions(db, filter),
        limit,
        ({ promotion }) => cursors.encode(promotion.promotionId),
        (stored) => describePromotion(stored, now),
      )
    },
  )

  app.get(
    '/v1/promotions/:id',
    {
      onRequest,
      schema: {
        operationId: 'getPromotion',
        summary: 'A promotion',
        description: 'What it takes off, of what, when, and who may have it.',
        tags,
        responseHeaders: ['ETag'],
        params: Params,
        response: { 200: Promotion },
      },
    },
    async ({ params }, reply) => withEtag(reply, await read(params.id)),
  )

  app.post(
    '/v1/promotions',
    {
      onRequest,
      schema: {
        operationId: 'createPromotion',
        summary: 'Add a promotion',
        description:
          'A percentage, an amount, free shipping or buy X get Y, on products, categories or the order. Promotions are ' +
          'applied in this order: on products, on categories, on the order, on shipping; within a level the lower ' +
          'priority first, then the older one. Each takes its part of what the ones before left, half up.',
        tags,
        responseHeaders: ['Location', 'ETag'],
        headers: OptionalIdempotencyHeaders,
        body: PromotionInput,
        response: { 201: Promotion, ...problemResponses('code-taken', 'conflict', 'unprocessable') },
      },
    },
    async (request, reply) => {
      const scope = `createPromotion|${authOf(request).userId}`
      const { resourceId: id } = await retryOnDuplicateKey(() =>
        withIdempotency(db, { request, reply, scope }, async (trx) => ({
          status: 201,
          resourceId: await createPromotion(trx, request.body, new Date()),
        })),
      )
      void reply.header('location', `/v1/promotions/${id}`)
      return withEtag(reply, await read(id))
    },
  )

  app.patch(
    '/v1/promotions/:id',
    {
      onRequest,
      schema: {
        operationId: 'changePromotion',
        summary: 'Change a promotion',
        description:
          'What is not sent stays as it is, null clears it, lists are replaced whole. Orders keep what they got.',
        tags,
        params: Params,
        headers: IfMatchHeaders,
        body: PromotionPatch,
        response: {
          200: Promotion,
          ...problemResponses('code-taken', 'conflict', 'unprocessable', 'stale-version'),
        },
      },
    },
    async (request, reply) => {
      const now = new Date()
      const options = { check: checkOf(request), now }
      const stored = await retryOnDuplicateKey(() =>
        inTransaction(db, (trx) => changePromotion(trx, request.params.id, request.body, options)),
      )
      return withEtag(reply, describePromotion(stored, now))
    },
  )

  app.delete(
    '/v1/promotions/:id',
    {
      onRequest,
      schema: {
        operationId: 'deletePromotion',
        summary: 'Delete a promotion',
        description: 'It ends at once and its code is free; orders keep what they got.',
        tags,
        params: Params,
        ...deletion(),
      },
    },
    async (request, reply) => {
      const options = { check: checkOf(request), now: new Date() }
      await inTransaction(db, (trx) => deletePromotion(trx, request.params.id, options))
      return reply.code(204).send(null)
    },
  )

  app.post(
    '/v1/promotions/evaluate',
    {
      schema: {
        operationId: 'evaluatePromotions',
        summary: 'What promotions take off these items',
        description:
          'And why the others do not: all but limits, which the cart judges too. Nothing is stored. A promotion that ' +
          'needs a code is named only where its code is sent.',
        tags,
        body: EvaluationInput,
        response: { 200: Evaluation, ...problemResponses('unprocessable') },
      },
    },
    ({ body }) => evaluateItems(db, body, { currency, now: new Date() }),
  )
}
