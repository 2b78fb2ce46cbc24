import { normaliseSku, SkuInput } from '@storewright/contracts'
import { notFound, Problem } from '@storewright/service-kit/http'
import { Type } from 'typebox'

export const SkuParams = Type.Object({ sku: SkuInput })

const MAX_SKUS = 100

export const SkuListQuery = Type.Object({
  skus: Type.String({
    minLength: 1,
    maxLength: MAX_SKUS * 81,
    description: `up to ${MAX_SKUS} SKUs, separated by commas; unknown ones are left out of the answer`,
    examples: ['MUG-1,MUG-2'],
  }),
})

/** The stored form of a SKU that a client wrote; what cannot be one is nowhere to be found. */
export const skuFrom = (input: string): string => normaliseSku(input) ?? notFound('SKU', input)

/** The distinct SKUs of `?skus=a,b`. */
export const skusFrom = (list: string): string[] => {
  const refuse = (message: string): never => {
    throw new Problem('invalid-request', `The list of SKUs does not fit: ${message}.`, {
      errors: [{ path: 'skus', message }],
    })
  }
  const inputs = list.split(',')
  if (inputs.length > MAX_SKUS) return refuse(`has more than ${MAX_SKUS} SKUs`)
  return [
    ...new Set(inputs.map((input) => normaliseSku(input) ?? refuse(`"${input.slice(0, 80)}" is not a SKU`))),
  ]
}
