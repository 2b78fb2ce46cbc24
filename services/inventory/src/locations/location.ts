import { Timestamp } from '@storewright/contracts'
import { Type } from 'typebox'
import type { Location } from './queries.ts'

const CODE = /^[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?$/

/** How a place where stock can be is called. */
export const LocationCode = Type.String({ pattern: CODE.source, maxLength: 32, examples: ['main'] })

/** The column holds nothing else: comparing it with other characters is an error of the database. */
export const isLocationCode = (text: string) => CODE.test(text)

export const NewLocation = Type.Object(
  {
    code: { ...LocationCode, examples: ['leeds'] },
    name: Type.String({ minLength: 1, maxLength: 100, pattern: '\\S', examples: ['Warehouse Leeds'] }),
  },
  { examples: [{ code: 'leeds', name: 'Warehouse Leeds' }] },
)

export const LocationView = Type.Object(
  { code: LocationCode, name: Type.String({ maxLength: 100 }), createdAt: Timestamp },
  {
    title: 'Location',
    examples: [{ code: 'leeds', name: 'Warehouse Leeds', createdAt: '2026-01-31T09:30:00.000Z' }],
  },
)

export const describeLocation = ({ code, name, createdAt }: Location) => ({
  code,
  name,
  createdAt: createdAt.toISOString(),
})

/** Ids by location code; codes without a location are left out. */
export { listLocationIds as findLocationIds } from './queries.ts'
