const wakers = new Set<() => void>()

/** Tells the relays of this process that there is something to send. */
export const wakeRelays = () => {
  for (const wake of wakers) wake()
}

/** Registers a relay for waking; gives back the function that takes it off again. */
export const onWake = (wake: () => void) => {
  wakers.add(wake)
  return () => void wakers.delete(wake)
}
