/** Who took a step: `system` is everything that no person asked for at that moment. */
export type Actor = 'customer' | 'system' | 'staff'

/** One step of an order, as customers and support read it. */
export interface Step {
  orderId: string
  /** The event's type where the step is one, so that the timeline and the event feed speak of the same thing. */
  type: string
  by: Actor
  summary: string
  correlationId: string
}
