interface Deletion {
  limit(rows: number): { executeTakeFirst(): Promise<{ numDeletedRows: bigint }> }
}

const BATCH = 500

/** Deletes up to 500 rows by each of these statements, so that none locks a table for long; false once nothing is left. */
export const deleteBatch = async (...deletions: Deletion[]): Promise<boolean> => {
  let more = false
  for (const deletion of deletions) {
    const { numDeletedRows } = await deletion.limit(BATCH).executeTakeFirst()
    more ||= numDeletedRows >= BigInt(BATCH)
  }
  return more
}
