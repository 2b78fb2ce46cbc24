import type { Static } from 'typebox'
import { defineEvent } from '../event.ts'
import { ErasureReceipt } from '../shapes.ts'

/** The messages sent to this person are deleted. */
export const NotificationPersonalDataErased = defineEvent(
  'notification.personal-data-erased.v1',
  ErasureReceipt,
  {
    subject: (data) => data.erasureId,
    visibility: 'internal',
  },
)
export type NotificationPersonalDataErased = Static<typeof NotificationPersonalDataErased.data>
