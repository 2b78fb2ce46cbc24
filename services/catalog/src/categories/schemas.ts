import { Uuid } from '@storewright/contracts'
import { Type } from 'typebox'
import { ShownSlug, Version } from '../schemas.ts'
import { SLUG_PATTERN } from '../slug.ts'
import type { CategoryNode } from './category.ts'

const MAX_POSITION = 1_000_000
export const MAX_CATEGORIES = 100_000

const counted = {
  id: Uuid,
  parentId: Type.Union([Uuid, Type.Null()]),
  slug: ShownSlug,
  name: Type.String({ maxLength: 100, examples: ['Kitchen'] }),
  position: Type.Integer({
    minimum: 0,
    maximum: MAX_POSITION,
    description: 'among its siblings; equal ones follow their names',
  }),
  version: Version,
  productCount: Type.Integer({
    minimum: 0,
    maximum: 2_147_483_647,
    description: 'published products in it and below it',
  }),
}
const kitchen = {
  id: '01990a3b-11d2-7b60-8b2a-5f0f0d3c9e21',
  parentId: null,
  slug: 'kitchen',
  name: 'Kitchen',
  position: 0,
  version: 1,
  productCount: 42,
}
const Summary = Type.Object(counted, { title: 'CategorySummary' })
/** A reference, because a node contains nodes. */
export const NodeRef = Type.Unsafe<CategoryNode>({
  $ref: 'CategoryNode#',
  examples: [{ ...kitchen, children: [] }],
})
export const Node = Type.Object(
  { ...counted, children: Type.Array(NodeRef, { maxItems: MAX_CATEGORIES }) },
  { $id: 'CategoryNode' },
)
export const Category = Type.Object(
  {
    ...counted,
    path: Type.Array(Summary, { maxItems: 100, description: 'from the root to the category itself' }),
    children: Type.Array(Summary, { maxItems: MAX_CATEGORIES }),
  },
  { title: 'Category', examples: [{ ...kitchen, path: [kitchen], children: [] }] },
)

// ">" separates the names of a path in imports.
export const Name = Type.String({
  minLength: 1,
  maxLength: 100,
  format: 'line',
  pattern: '^[^>]*[^>\\s][^>]*$',
  examples: ['Kitchen'],
})
const Slug = Type.String({ minLength: 1, maxLength: 120, pattern: SLUG_PATTERN, examples: ['kitchen'] })
export const input = {
  slug: Type.Optional(Slug),
  parentId: Type.Optional(Type.Union([Uuid, Type.Null()])),
  position: Type.Optional(Type.Integer({ minimum: 0, maximum: MAX_POSITION })),
}
export const Params = Type.Object({ id: Uuid })
export const ReadParams = Type.Object({
  id: Type.String({ maxLength: 120, description: 'id or slug', examples: ['kitchen'] }),
})
