import type { Server } from '@storewright/service-kit/http'
import type { Db } from '../database.ts'
import { problemResponses } from '../problems.ts'
import { evaluateItems } from './evaluate-items.ts'
import { Evaluation, EvaluationInput } from './evaluate-schemas.ts'

export const evaluationRoutes = (app: Server, { db, currency }: { db: Db; currency: string }) => {
  app.post(
    '/v1/promotions/evaluate',
    {
      schema: {
        operationId: 'evaluatePromotions',
        summary: 'What promotions take off these items',
        description:
          'And why the others do not: all but limits, which the cart judges too. Nothing is stored. A promotion that ' +
          'needs a code is named only where its code is sent.',
        tags: ['Promotions'],
        body: EvaluationInput,
        response: { 200: Evaluation, ...problemResponses('unprocessable') },
      },
    },
    ({ body }) => evaluateItems(db, body, { currency, now: new Date() }),
  )
}
