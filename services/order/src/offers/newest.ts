import type { Envelope } from '@storewright/contracts'

/** The newest event of each subject, in subject order; of a state event the others say nothing more. */
export const newestPerSubject = <Data>(events: readonly Envelope<Data>[]): Envelope<Data>[] => {
  const newest = new Map<string, Envelope<Data>>()
  for (const event of events) {
    const known = newest.get(event.subject)
    if (!known || known.aggregateVersion < event.aggregateVersion) newest.set(event.subject, event)
  }
  // In one order everywhere, so that two replicas at the same rows queue up instead of deadlocking.
  return [...newest.values()].sort((a, b) => (a.subject < b.subject ? -1 : 1))
}

/** What the column takes. */
const NAME_LENGTH = 600

/** A variant's name beside its product's, unless one already says the other. */
export const offerName = (product: string, variant: string) =>
  (variant === '' || variant.toLowerCase().includes(product.toLowerCase())
    ? variant || product
    : `${product}, ${variant}`
  ).slice(0, NAME_LENGTH)
