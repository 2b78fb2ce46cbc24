import type { Envelope } from '@storewright/contracts'

/** An envelope as AMQP properties (CloudEvents 1.0, binary mode), in the management API's spelling. */
export const toProperties = (event: Envelope) => ({
  message_id: event.id,
  type: event.type,
  timestamp: Math.floor(Date.parse(event.time) / 1_000),
  content_type: 'application/json',
  correlation_id: event.correlationId,
  delivery_mode: 2,
  headers: {
    'cloudEvents:specversion': '1.0',
    'cloudEvents:id': event.id,
    'cloudEvents:type': event.type,
    'cloudEvents:source': event.source,
    'cloudEvents:subject': event.subject,
    'cloudEvents:time': event.time,
    'cloudEvents:dataschema': `urn:storewright:schema:${event.type}`,
    'cloudEvents:aggregateversion': event.aggregateVersion,
    ...(event.causationId === null ? {} : { 'cloudEvents:causationid': event.causationId }),
    ...(event.traceparent === undefined ? {} : { traceparent: event.traceparent }),
    'x-attempt': 1,
  },
})
