import { Line, Uuid } from '@storewright/contracts'
import { inTransaction } from '@storewright/database'
import { requirePermission } from '@storewright/service-kit/auth'
import { IfMatchHeaders, requireMatch, withEtag, type Server } from '@storewright/service-kit/http'
import { Type } from 'typebox'
import type { Db } from '../database.ts'
import { ATTRIBUTE_NAME, MAX_ATTRIBUTES } from '../field-schemas.ts'
import { problemResponses } from '../problems.ts'
import { Version } from '../schemas.ts'
import { changeDefinitions, readCategoryAttributes } from './change-definitions.ts'
import { Params } from './schemas.ts'

const MAX_VALUES = 200

const definition = {
  name: Type.String({ maxLength: 103, pattern: ATTRIBUTE_NAME, examples: ['Colour'] }),
  type: Type.Union(
    [
      Type.Literal('text'),
      Type.Literal('number'),
      Type.Literal('boolean'),
      Type.Literal('choice'),
      Type.Literal('multi-choice'),
    ],
    { title: 'AttributeType' },
  ),
  values: Type.Optional(
    Type.Array(Line(255), {
      minItems: 1,
      maxItems: MAX_VALUES,
      description: 'of a choice or multi-choice, in their order',
      examples: [['blue', 'green']],
    }),
  ),
  unit: Type.Optional(Line(20, { examples: ['ml'] })),
}
const filterable = { description: 'whether lists offer it as a filter' }

const NewDefinition = Type.Object(
  { ...definition, filterable: Type.Boolean({ ...filterable, default: true }) },
  { title: 'NewAttributeDefinition' },
)
const Definition = Type.Object(
  { ...definition, filterable: Type.Boolean(filterable) },
  { title: 'AttributeDefinition' },
)
const InheritedDefinition = Type.Object(
  { ...Definition.properties, categoryId: Uuid },
  { title: 'InheritedAttributeDefinition', description: 'with the category above that defines it' },
)

const colour = { name: 'Colour', type: 'choice', values: ['blue', 'green'], filterable: true }
const volume = { name: 'Volume', type: 'number', unit: 'ml', filterable: true }

const CategoryAttributes = Type.Object(
  {
    categoryId: Uuid,
    version: Version,
    items: Type.Array(Definition, { maxItems: MAX_ATTRIBUTES, description: 'its own' }),
    inherited: Type.Array(InheritedDefinition, {
      maxItems: 10 * MAX_ATTRIBUTES,
      description: 'those from above that it does not define itself',
    }),
  },
  {
    title: 'CategoryAttributes',
    examples: [
      {
        categoryId: '01990a3b-11d2-7b60-8b2a-5f0f0d3c9e21',
        version: 2,
        items: [colour],
        inherited: [{ ...volume, categoryId: '01990a3b-0c11-7d02-9f5e-2f7f5a1be77c' }],
      },
    ],
  },
)

export const definitionRoutes = (app: Server, { db }: { db: Db }) => {
  const onRequest = requirePermission('catalog:write')
  const tags = ['Catalogue']

  app.get(
    '/v1/categories/:id/attributes',
    {
      onRequest,
      schema: {
        operationId: 'getCategoryAttributes',
        summary: 'The typed attributes of a category',
        description:
          'Its own, which PUT takes again, and those it inherits: of each name the nearest one holds.',
        tags,
        responseHeaders: ['ETag'],
        params: Params,
        response: { 200: CategoryAttributes },
      },
    },
    async ({ params }, reply) => withEtag(reply, await readCategoryAttributes(db, params.id)),
  )

  app.put(
    '/v1/categories/:id/attributes',
    {
      onRequest,
      schema: {
        operationId: 'setCategoryAttributes',
        summary: 'Define the typed attributes of a category',
        description:
          'Replaces all its own definitions; they hold for the products in it and below it. While a product there ' +
          'has a value that would not fit, or categories that would disagree, nothing changes (409). What no category ' +
          'defines takes any value.',
        tags,
        params: Params,
        headers: IfMatchHeaders,
        body: Type.Object(
          { items: Type.Array(NewDefinition, { maxItems: MAX_ATTRIBUTES }) },
          { title: 'NewCategoryAttributes', examples: [{ items: [colour, volume] }] },
        ),
        response: {
          200: CategoryAttributes,
          ...problemResponses('products-do-not-fit', 'unprocessable', 'stale-version'),
        },
      },
    },
    async (request, reply) => {
      const { id } = request.params
      const shown = await inTransaction(db, async (trx) => {
        const check = (version: number) => requireMatch(request, version)
        await changeDefinitions(trx, id, request.body.items, check, new Date())
        return readCategoryAttributes(trx, id)
      })
      return withEtag(reply, shown)
    },
  )
}
