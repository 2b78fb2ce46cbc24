type Row = { id: string }

/** Rows of a table in the order of their ids, a page of `size` at a time. */
export async function* paged<R extends Row>(read: (after: string) => Promise<R[]>, size: number) {
  for (let after = ''; ;) {
    const rows = await read(after)
    yield* rows
    if (rows.length < size) return
    after = rows.at(-1)?.id ?? ''
  }
}

/** Walks two lists that are sorted by id side by side; in memory there is never more than a page of each. */
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
