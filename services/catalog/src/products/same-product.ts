import { isDeepStrictEqual } from 'node:util'
import { activeVariants, type Product } from './product.ts'

/** What decides whether anything changed: all but what is named here, so that a new field counts by itself. */
const comparableState = ({
  version: _v,
  revision: _r,
  createdAt: _c,
  updatedAt: _u,
  publishedAt: _p,
  ...product
}: Product) => ({
  ...product,
  variants: product.variants.map(({ prices, stockStatus: _s, ...variant }) => ({
    ...variant,
    prices: prices.map(({ lowestBefore: _l, promotion: _p, ...price }) => price),
  })),
})

/** Whether a merchant changed nothing. */
export const isSameProduct = (a: Product, b: Product) =>
  isDeepStrictEqual(comparableState(a), comparableState(b))

const shownBeside = (product: Product) =>
  activeVariants(product).map(({ prices, stockStatus }) => ({ prices, stockStatus }))

/** Whether two states of the same product (`isSameProduct`) are shown alike, with what others state of it. */
export const isShownAlike = (a: Product, b: Product) => isDeepStrictEqual(shownBeside(a), shownBeside(b))
