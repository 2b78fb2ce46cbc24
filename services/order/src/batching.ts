/**
 * Turns single calls into batches without a timer: what arrives while one batch is under way goes with the next.
 * A call never joins a batch that has already started, so that what it reads is as fresh as the call.
 * `flush` answers one result per item, in order; its failure fails every call of that batch.
 */
export const createBatcher = <Item, Result>(
  flush: (items: Item[]) => Promise<Result[]>,
  { maxBatch = 100 }: { maxBatch?: number } = {},
) => {
  type Waiting = { item: Item; resolve: (result: Result) => void; reject: (error: unknown) => void }
  let queue: Waiting[] = []
  let running = false

  const drain = async () => {
    // One turn of the event loop lets calls that came in together travel together.
    await new Promise(setImmediate)
    while (queue.length > 0) {
      const batch = queue.slice(0, maxBatch)
      queue = queue.slice(maxBatch)
      try {
        const results = await flush(batch.map(({ item }) => item))
        batch.forEach(({ resolve }, index) => resolve(results[index] as Result))
      } catch (error) {
        for (const { reject } of batch) reject(error)
      }
    }
    running = false
  }

  return (item: Item): Promise<Result> =>
    new Promise((resolve, reject) => {
      queue.push({ item, resolve, reject })
      if (running) return
      running = true
      void drain()
    })
}
