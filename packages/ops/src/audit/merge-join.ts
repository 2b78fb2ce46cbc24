type Row = { id: string }

/** Pages of a table's rows in the order of their ids; `size` is what a full page has. */
export async function* paged<R extends Row>(read: (after: string) => Promise<R[]>, size: number) {
  for (let after = ''; ;) {
    const rows = await read(after)
    yield rows
    if (rows.length < size) return
    after = rows.at(-1)?.id ?? ''
  }
}

/** The rows of pages, one by one. */
export async function* flatten<R>(pages: AsyncIterable<R[]>) {
  for await (const rows of pages) yield* rows
}

/** Pairs the rows of two lists that are sorted by id; of each there is never more than a page in memory. */
export async function* mergeJoin<A extends Row, B extends Row>(
  left: AsyncIterator<A>,
  right: AsyncIterator<B>,
): AsyncGenerator<[A | undefined, B | undefined]> {
  let a = await left.next()
  let b = await right.next()
  while (!a.done || !b.done) {
    const takeA = !a.done && (b.done || a.value.id <= b.value.id)
    const takeB = !b.done && (a.done || b.value.id <= a.value.id)
    yield [takeA ? a.value : undefined, takeB ? b.value : undefined]
    if (takeA) a = await left.next()
    if (takeB) b = await right.next()
  }
}
