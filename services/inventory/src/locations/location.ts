import { Line, Timestamp } from '@storewright/contracts'
import { Type } from 'typebox'
import { MAX_PRIORITY, type Location } from './queries.ts'

const CODE = /^[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?$/

/** How a place where stock can be is called. */
export const LocationCode = Type.String({ pattern: CODE.source, maxLength: 32, examples: ['main'] })

/** The column holds nothing else: comparing it with other characters is an error of the database. */
export const isLocationCode = (text: string) => CODE.test(text)

const Name = Line(100, { examples: ['Warehouse Leeds'] })
const Priority = Type.Integer({
  minimum: 0,
  maximum: MAX_PRIORITY,
  description: 'lower first; of equal ones the older location comes first',
  examples: [2],
})

export const NewLocation = Type.Object(
  { code: { ...LocationCode, examples: ['leeds'] }, name: Name },
  { examples: [{ code: 'leeds', name: 'Warehouse Leeds' }] },
)

export const LocationPatch = Type.Object(
  { name: Type.Optional(Name), priority: Type.Optional(Priority) },
  { title: 'LocationPatch', minProperties: 1, examples: [{ priority: 0 }] },
)

export const LocationView = Type.Object(
  {
    code: LocationCode,
    name: Type.String({ maxLength: 100 }),
    priority: Priority,
    version: Type.Integer({ minimum: 1, maximum: 2_147_483_647 }),
    createdAt: Timestamp,
  },
  {
    title: 'Location',
    examples: [
      {
        code: 'leeds',
        name: 'Warehouse Leeds',
        priority: 2,
        version: 1,
        createdAt: '2026-01-31T09:30:00.000Z',
      },
    ],
  },
)

export const describeLocation = ({ id: _, createdAt, ...location }: Location) => ({
  ...location,
  createdAt: createdAt.toISOString(),
})

/** Ids by location code, and codes by id; what is no location is left out. */
export { listLocationCodes as findLocationCodes, listLocationIds as findLocationIds } from './queries.ts'
