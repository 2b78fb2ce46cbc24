import type { Db } from '../database.ts'
import { visibleTo } from './cart-access.ts'
import { findCartHead } from './queries.ts'

/** The currency of a cart that this caller may see. */
export const findCurrencyOfCart = async (db: Db, cartId: string, userId: string | null) =>
  visibleTo(await findCartHead(db, cartId), userId, cartId).currency
