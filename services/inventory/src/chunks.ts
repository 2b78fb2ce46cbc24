/** Enough rows that a statement's fixed cost is nothing, few enough for any server's packet limit. */
const ROWS_PER_STATEMENT = 1_000

/** Hands rows over in allocations that fit one statement; none, no call. */
export const inChunks = async <Row>(rows: readonly Row[], use: (chunk: Row[]) => Promise<unknown>) => {
  for (let from = 0; from < rows.length; from += ROWS_PER_STATEMENT) {
    await use(rows.slice(from, from + ROWS_PER_STATEMENT))
  }
}
