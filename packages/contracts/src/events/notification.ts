import type { Static } from 'typebox'
import { defineEvent, internal } from '../event.ts'
import { erasureReceipt } from './shapes.ts'

/** The messages sent to this person are deleted. */
export const NotificationPersonalDataErased = defineEvent(
  'notification.personal-data-erased.v1',
  internal('erasureId'),
  erasureReceipt,
)
export type NotificationPersonalDataErased = Static<typeof NotificationPersonalDataErased.data>
