import { Sku } from '@storewright/contracts'
import { defineProblems } from '@storewright/service-kit/http'
import { Type } from 'typebox'
import { LocationCode } from './locations/location.ts'

const count = (examples: number[]) => Type.Integer({ minimum: 0, maximum: 2_147_483_647, examples })

/** The problems of stock besides those of every service. */
export const { Problem, problemResponses } = defineProblems({
  'unknown-location': { status: 422, title: 'There is no such location' },
  'insufficient-stock': {
    status: 409,
    title: 'Not enough stock',
    extra: Type.Object({ sku: Sku, location: LocationCode, onHand: count([5]), reserved: count([3]) }),
  },
})
