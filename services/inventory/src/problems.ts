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

export const unknownLocation = (code: string, path = 'location') =>
  new Problem('unknown-location', `There is no location ${code}.`, {
    errors: [{ path, message: 'is not a location' }],
  })

interface ShortLevel {
  sku: string
  location: string
  onHand: number
  reserved: number
  errors?: { path: string; message: string }[]
}

/** Of a change that would leave less than what orders hold at the location. */
export const insufficientStock = (level: ShortLevel) => {
  const { sku, location, onHand, reserved } = level
  const there = `${onHand} of ${sku} are at ${location}, ${reserved} of them reserved`
  return new Problem('insufficient-stock', `${there}: at most ${onHand - reserved} can be taken away.`, level)
}
