import { defineEvent } from '@storewright/contracts'
import { createTopology } from '@storewright/messaging'
import { Type } from 'typebox'

const Data = Type.Object({ thingId: Type.String({ minLength: 1 }), text: Type.String() })
const subject = (data: { thingId: string }) => data.thingId

export const ThingNoted = defineEvent('test.thing-noted.v1', Data, { subject })
export const ThingClosed = defineEvent('test.thing-closed.v1', Data, { subject })
/** Needs a consumer and has none. */
export const ThingUnrouted = defineEvent('test.thing-unrouted.v1', Data, { subject })
export const ThingIgnored = defineEvent('test.thing-ignored.v1', Data, {
  subject,
  consumerOptional: true,
})
export const ThingInternal = defineEvent('test.thing-internal.v1', Data, {
  subject,
  visibility: 'internal',
})

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
