import { UnpagedList, Uuid } from '@storewright/contracts'
import { inTransaction, isDuplicateKey, newId } from '@storewright/database'
import { authOf, requirePermission } from '@storewright/service-kit/auth'
import {
  IfMatchHeaders,
  notFound,
  OptionalIdempotencyHeaders,
  requireMatch,
  withEtag,
  withIdempotency,
  type Server,
} from '@storewright/service-kit/http'
import { Type, type Static } from 'typebox'
import type { Trx } from '../database.ts'
import type { Deps } from '../deps.ts'
import { Problem, problemResponses } from '../problems.ts'
import {
  deleteZone,
  findZone,
  insertZone,
  listTakenCountries,
  listZones,
  lockZone,
  raisePricingVersion,
  updateZone,
  type StoredZone,
} from './queries.ts'
import type { ShippingMethod } from './shipping.ts'
import { completeMethod, NewZone, Zone, zoneFaults, ZonePatch } from './zone-schemas.ts'

const tags = ['Settings']
const onRequest = requirePermission('settings:write')
const Params = Type.Object({ id: Uuid })

const view = ({ createdAt, updatedAt, ...zone }: StoredZone) => ({
  ...zone,
  createdAt: createdAt.toISOString(),
  updatedAt: updatedAt.toISOString(),
})

const taken = (countries: readonly string[]) =>
  new Problem('conflict', `Another zone has ${countries.join(', ') || 'one of the countries'}.`, {
    errors: [{ path: 'countries', message: 'must be in one zone at most' }],
  })

/** Another request may take a country between the look and the insert. */
const orTaken = async <T>(write: () => Promise<T>): Promise<T> => {
  try {
    return await write()
  } catch (error) {
    throw isDuplicateKey(error) ? taken([]) : error
  }
}

interface ZoneState {
  id: string
  name: string
  countries: string[]
  methods: ShippingMethod[]
}

const checkZone = async (trx: Trx, input: ZoneState): Promise<ZoneState> => {
  const faults = zoneFaults(input)
  if (faults.length > 0) {
    throw new Problem('unprocessable', 'The zone cannot be as it was sent.', { errors: faults.slice(0, 100) })
  }
  const zone = { ...input, countries: [...new Set(input.countries)].sort() }
  const others = await listTakenCountries(trx, zone)
  if (others.length > 0) throw taken(others)
  return zone
}

/** Where orders are sent, and what that costs. */
export const zoneRoutes = (app: Server, { db, rates, settings }: Deps) => {
  const read = async (id: string) => view((await findZone(db, id)) ?? notFound('shipping zone', id))

  app.get(
    '/v1/shipping-zones',
    {
      onRequest,
      schema: {
        operationId: 'listShippingZones',
        summary: 'Where orders are sent, and how',
        description: 'All zones, the oldest first. A shop begins with one for every country.',
        tags,
        response: { 200: UnpagedList(Zone, 300) },
      },
    },
    async () => {
      await rates.readRates()
      return { items: (await listZones(db)).map(view), nextCursor: null }
    },
  )

  app.get(
    '/v1/shipping-zones/:id',
    {
      onRequest,
      schema: {
        operationId: 'getShippingZone',
        summary: 'A shipping zone',
        description: 'With the ETag that a change or a deletion may name.',
        tags,
        responseHeaders: ['ETag'],
        params: Params,
        response: { 200: Zone },
      },
    },
    async ({ params }, reply) => withEtag(reply, await read(params.id)),
  )

  app.post(
    '/v1/shipping-zones',
    {
      onRequest,
      schema: {
        operationId: 'createShippingZone',
        summary: 'Add a shipping zone',
        description: 'Carts and checkouts use it within a second. A country is in one zone at most.',
        tags,
        responseHeaders: ['Location', 'ETag'],
        headers: OptionalIdempotencyHeaders,
        body: NewZone,
        response: { 201: Zone, ...problemResponses('conflict', 'unprocessable', 'idempotency-mismatch') },
      },
    },
    async (request, reply) => {
      await rates.readRates()
      const { methods, ...rest } = request.body
      const scope = `createShippingZone|${authOf(request).userId}`
      const { resourceId: id } = await orTaken(() =>
        withIdempotency(db, { request, reply, scope }, async (trx) => {
          const zone = await checkZone(trx, { id: newId(), ...rest, methods: methods.map(completeMethod) })
          await insertZone(trx, zone, settings.clock())
          await raisePricingVersion(trx)
          return { status: 201, resourceId: zone.id }
        }),
      )
      rates.forget()
      void reply.header('location', `/v1/shipping-zones/${id}`)
      return withEtag(reply, await read(id))
    },
  )

  const change = async (
    trx: Trx,
    { id, patch, check }: { id: string; patch: Static<typeof ZonePatch>; check: (version: number) => void },
  ) => {
    const zone = (await lockZone(trx, id)) ?? notFound('shipping zone', id)
    check(zone.version)
    const methods = patch.methods?.map(completeMethod) ?? zone.methods
    const next = await checkZone(trx, { ...zone, ...patch, methods })
    const stored = { ...zone, ...next, version: zone.version + 1, updatedAt: settings.clock() }
    await updateZone(trx, stored)
    await raisePricingVersion(trx)
    return stored
  }

  app.patch(
    '/v1/shipping-zones/:id',
    {
      onRequest,
      schema: {
        operationId: 'changeShippingZone',
        summary: 'Change a shipping zone',
        description: 'What is not sent stays as it is, lists are replaced whole. Orders keep what they cost.',
        tags,
        responseHeaders: ['ETag'],
        params: Params,
        headers: IfMatchHeaders,
        body: ZonePatch,
        response: { 200: Zone, ...problemResponses('conflict', 'unprocessable', 'stale-version') },
      },
    },
    async (request, reply) => {
      const check = (version: number) => requireMatch(request, version)
      const options = { id: request.params.id, patch: request.body, check }
      const stored = await orTaken(() => inTransaction(db, (trx) => change(trx, options)))
      rates.forget()
      return withEtag(reply, view(stored))
    },
  )

  app.delete(
    '/v1/shipping-zones/:id',
    {
      onRequest,
      schema: {
        operationId: 'deleteShippingZone',
        summary: 'Delete a shipping zone',
        description: 'Its countries go to the zone for all others; without one nothing is sent there.',
        tags,
        params: Params,
        headers: IfMatchHeaders,
        response: { 204: Type.Null({ description: 'Deleted' }), ...problemResponses('stale-version') },
      },
    },
    async (request, reply) => {
      const { id } = request.params
      await inTransaction(db, async (trx) => {
        const { version } = (await lockZone(trx, id)) ?? notFound('shipping zone', id)
        requireMatch(request, version)
        await deleteZone(trx, id)
        await raisePricingVersion(trx)
      })
      rates.forget()
      return reply.code(204).send(null)
    },
  )
}
