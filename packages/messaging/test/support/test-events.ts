import { about, defineEvent, internal, unconsumed } from '@storewright/contracts'
import { newId } from '@storewright/database'
import { createTopology } from '@storewright/messaging'
import { anEvent } from '@storewright/testing'
import { Type } from 'typebox'

const fields = { thingId: Type.String({ minLength: 1 }), text: Type.String() }

export const ThingNoted = defineEvent('test.thing-noted.v1', about('thingId'), fields)
export const ThingClosed = defineEvent('test.thing-closed.v1', about('thingId'), fields)
/** Needs a consumer and has none. */
export const ThingUnrouted = defineEvent('test.thing-unrouted.v1', about('thingId'), fields)
export const ThingIgnored = defineEvent('test.thing-ignored.v1', unconsumed('thingId'), fields)
export const ThingInternal = defineEvent('test.thing-internal.v1', internal('thingId'), fields)

export const noted = (text = '', thingId = newId()) => anEvent(ThingNoted, { thingId, text })
export const closed = (text = '', thingId = newId()) => anEvent(ThingClosed, { thingId, text })
export const many = (count: number, text = '') => Array.from({ length: count }, () => noted(text))

export const GROUP = 'test.things'

/** A small topology whose retries take milliseconds. */
export const topology = createTopology({
  groups: { [GROUP]: [ThingNoted, ThingClosed, ThingInternal] },
  retryTiers: [
    { name: '20ms', delayMs: 20 },
    { name: '60ms', delayMs: 60 },
  ],
  others: [ThingUnrouted, ThingIgnored],
})
