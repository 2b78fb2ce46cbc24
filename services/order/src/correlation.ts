import type { Envelope, EventContract } from '@storewright/contracts'
import { newId } from '@storewright/database'
import { currentCorrelation, runWithCorrelation, type Correlation } from '@storewright/messaging/correlation'
import { emit } from '@storewright/messaging/outbox'
import type { Static, TObject } from 'typebox'
import type { Trx } from './database.ts'

/** What a step of an order follows from: an event, a request, or what was stored of either. */
export type Cause = Correlation

/** The event that is being handled, as the cause of what follows. */
export const causedBy = ({ correlationId, id, traceparent }: Envelope): Cause => ({
  correlationId,
  causationId: id,
  traceparent,
})

/** The request that is being handled, as the cause of what follows. */
export const causedByRequest = (): Cause => currentCorrelation() ?? { correlationId: newId() }

/** Emits on behalf of one order of a batch: each keeps the correlation of what it follows from. */
export const emitWithCause = <Data extends TObject>(
  trx: Trx,
  cause: Cause,
  event: EventContract<Data>,
  data: Static<Data>,
): Promise<void> => runWithCorrelation(cause, () => emit(trx, event, data))
