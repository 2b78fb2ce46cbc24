import { Type } from 'typebox'

/** Makes a repeat of the request harmless: `{ 'idempotency-key': IdempotencyKey }` in a route's headers. */
export const IdempotencyKey = Type.String({
  minLength: 1,
  maxLength: 255,
  description:
    'new for each new request; the same key and body again give the first outcome and do nothing new',
  examples: ['7d1f3c7e-1f0b-4a36-9a53-2f3f6a1f1c55'],
})

/** Keeps an edit from undoing somebody else's: `{ 'if-match': IfMatch }` in a route's headers. */
export const IfMatch = Type.String({
  maxLength: 200,
  description: 'the ETag last seen; if it has changed since, nothing is done',
  examples: ['"3"'],
})

/** For routes whose only header is a condition. */
export const IfMatchHeaders = Type.Object({ 'if-match': Type.Optional(IfMatch) })
