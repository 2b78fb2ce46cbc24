import type { FastifyRequest } from 'fastify'
import { Problem } from './problem.ts'

/** The ETag of a resource that carries a version. */
export const etagOf = (version: number): string => `"${version}"`

/** Refuses an edit whose If-Match names another version; without If-Match anything goes. */
export const requireMatch = (request: FastifyRequest, version: number): void => {
  const header = request.headers['if-match']
  if (header === undefined || header.trim() === '*') return
  // A read's tag goes on behind the version: it tells of what was shown, too.
  const tags = header.split(',').map((tag) => tag.trim().replace(/^("\d+)-[^"]*"$/, '$1"'))
  if (!tags.includes(etagOf(version))) {
    throw new Problem('stale-version', 'Read it again and repeat the change.', { version })
  }
}
