import { CategoryChanged } from '@storewright/contracts'
import { emit } from '@storewright/messaging/outbox'
import type { Trx } from '../database.ts'
import type { Category } from './category.ts'

/** Tells the whole state of a category after a change. */
export const emitCategoryChanged = (trx: Trx, { id, parentId, slug, name }: Category, deleted = false) =>
  emit(trx, CategoryChanged, { categoryId: id, parentId, slug, name, deleted })
