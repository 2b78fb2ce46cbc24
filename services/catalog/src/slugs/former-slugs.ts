import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import type { Db, Trx } from '../database.ts'
import { findFormerSlug, writeFormerSlugs } from './queries.ts'

interface Slugged {
  id: string
  slug: string
}

/** Keeps the slugs that these had, so that links to them go on; of two that had one slug, the later one has it. */
export const rememberSlugs = async (trx: Trx, kind: 'product' | 'category', had: Slugged[]) => {
  if (had.length > 0)
    await writeFormerSlugs(
      trx,
      had.map(({ id, slug }) => ({ kind, slug, owner_id: id })),
    )
}

/** The id of what had this slug last; only for a slug that nothing has now. */
export const findFormerOwner = async (db: Db, kind: 'product' | 'category', slug: string) =>
  (await findFormerSlug(db, kind, slug))?.ownerId

/** For a route's `response[308]`. */
export const Moved = Type.Null({
  description: 'Its slug has changed',
  headers: {
    Location: {
      type: 'string',
      format: 'uri-reference',
      maxLength: 2_048,
      description: 'the same path with the present slug',
    },
  },
})

/** Redirects to the present slug, with the query as it was sent. */
export const redirect = (request: FastifyRequest, reply: FastifyReply, path: string) => {
  const query = request.url.indexOf('?')
  return reply
    .code(308)
    .header('location', query < 0 ? path : path + request.url.slice(query))
    .send(null)
}
