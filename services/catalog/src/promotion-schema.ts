import { Money, Timestamp, Uuid } from '@storewright/contracts'
import { Type } from 'typebox'

export const PromotionKind = Type.Union(
  [
    Type.Literal('percentage'),
    Type.Literal('amount'),
    Type.Literal('free_shipping'),
    Type.Literal('buy_x_get_y'),
  ],
  { title: 'PromotionKind' },
)

/** On products and variants; absent where nothing runs that anybody gets on one unit. */
export const ProductPromotion = Type.Object(
  {
    id: Uuid,
    name: Type.String({ maxLength: 200, examples: ['Summer sale'] }),
    kind: PromotionKind,
    price: { ...Money, description: 'of one unit, with all promotions that anybody gets on it' },
    endsAt: Type.Union([Timestamp, Type.Null()]),
  },
  {
    title: 'ProductPromotion',
    description:
      'without code, minimum or limit; `price` stays the list price. Of several, what takes most off',
  },
)
