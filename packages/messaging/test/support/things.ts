import { defineEvent } from '@storewright/contracts'
import { createTopology } from '@storewright/messaging'
import { Type } from 'typebox'

const Data = Type.Object({ thingId: Type.String({ minLength: 1 }), text: Type.String() })
const subject = (data: { thingId: string }) => data.thingId

export const ThingNoted = defineEvent('test.thing-noted.v1', Data, { description: 'Heard.', subject })
export const ThingClosed = defineEvent('test.thing-closed.v1', Data, {
  description: 'Heard as well.',
  subject,
})
export const ThingUnheard = defineEvent('test.thing-unheard.v1', Data, {
  description: 'Somebody should hear it, and nobody does.',
  subject,
})
export const ThingIgnored = defineEvent('test.thing-ignored.v1', Data, {
  description: 'Nobody needs to hear it.',
  subject,
  consumerOptional: true,
})
export const ThingWhispered = defineEvent('test.thing-whispered.v1', Data, {
  description: 'Internal.',
  subject,
  visibility: 'internal',
})

export const GROUP = 'test.things'

/** A small topology whose retries take milliseconds. */
export const topology = createTopology({
  groups: { [GROUP]: [ThingNoted, ThingClosed, ThingWhispered] },
  retryTiers: [
    { name: '20ms', delayMs: 20 },
    { name: '60ms', delayMs: 60 },
  ],
  others: [ThingUnheard, ThingIgnored],
})
