import type { ServerResponse } from 'node:http'

const open = new Set<ServerResponse>()

/** Event streams have no end of their own, so whoever stops has to know them. */
export const markEventStream = (raw: ServerResponse) => {
  open.add(raw)
  raw.once('close', () => open.delete(raw))
}

/** Hangs up on those of one server; their readers come back elsewhere. */
export const cutEventStreams = (of: ReadonlySet<ServerResponse>) => {
  for (const raw of open) if (of.has(raw)) raw.destroy()
}
