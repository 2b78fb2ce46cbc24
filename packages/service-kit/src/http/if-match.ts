import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { Problem } from './problem.ts'

/** For a route's headers: `{ 'if-match': Type.Optional(IfMatch) }`. */
export const IfMatch = Type.String({
  maxLength: 200,
  description: 'the ETag last seen; if the resource has changed since, nothing is done',
  examples: ['"3"'],
})

export const IfMatchHeaders = Type.Object({ 'if-match': Type.Optional(IfMatch) })

/**
 * A read of a resource whose `revision` rises with everything that it shows states it, and costs no hash of its body;
 * `requireMatch` looks at the version alone.
 */
export const etagOf = (version: number, revision?: number | string): string =>
  revision === undefined ? `"${version}"` : `"${version}-${revision}"`

/** The resource, as a route returns it, with its ETag set. */
export const withEtag = <T extends { version: number }>(reply: FastifyReply, resource: T): T => {
  void reply.header('etag', etagOf(resource.version))
  return resource
}

/** Refuses an edit whose If-Match names another version; without If-Match every edit is allowed. */
export const requireMatch = (request: FastifyRequest, version: number): void => {
  const header = request.headers['if-match']
  if (header === undefined || header.trim() === '*') return
  // The tag of a read continues behind the version, because it covers all that was shown.
  const tags = header.split(',').map((tag) => tag.trim().replace(/^("\d+)-[^"]*"$/, '$1"'))
  if (!tags.includes(etagOf(version))) {
    throw new Problem('stale-version', 'Read it again and repeat the change.', { version })
  }
}
