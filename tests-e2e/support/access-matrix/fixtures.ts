import { expectOk, type Answer, type Call, type Shop } from '@storewright/client'
import { customer, guest, openShopkeeper } from '../shopper.ts'
import type { ShopUnderTest } from '../under-test.ts'

/** A requester and how its requests are authenticated. */
export type Requester = { name: string; call: Call }

const bearer = (name: string, token: string): Requester => ({ name, call: { token } })

/** Everybody with more rights than a customer, and the permissions that they have. */
export type Staff = Requester & { permissions: string[] }

const ROLES = ['support', 'catalog-manager', 'inventory-manager'] as const

/** The claims of an access token. */
export const claimsOf = (token: string) =>
  JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as {
    sid: string
    permissions: string[]
  }

/** Somebody with a role. The permissions that come with it are read from their token. */
const createStaff = async (shop: Shop, admin: Requester, role: (typeof ROLES)[number]): Promise<Staff> => {
  const { user, login } = await customer(shop)
  const call = { ...admin.call, path: { id: user.id }, body: { roles: [role] } }
  expectOk(`make somebody ${role}`, await shop.http.call('PATCH', '/v1/users/{id}', call))
  const { tokens } = await shop.logIn(login.email, login.password)
  return { ...bearer(`a ${role}`, tokens.accessToken), permissions: claimsOf(tokens.accessToken).permissions }
}

/** A machine with a key that has these permissions. */
export const makeMachine = async (shop: Shop, admin: Requester, permissions: string[]): Promise<Staff> => {
  const name = `a machine with ${permissions.join(', ')}`.slice(0, 100)
  const request = { method: 'POST', path: '/v1/api-keys', call: { body: { name, permissions } } } as const
  const { key } = expectOk('make a key', await send(shop, request, admin)) as { key: string }
  return { name, call: { headers: { 'x-api-key': key } }, permissions }
}

/**
 * Ada, who owns things; another customer, who would like to; a guest; staff of every role; a machine with a key that
 * opens nothing of this.
 */
export const createFixtures = async (shop: Shop, underTest: ShopUnderTest) => {
  const keeper = await openShopkeeper(shop, underTest.admin)
  const admin = bearer('an admin', keeper.token)
  const [ada, bob] = [await customer(shop), await customer(shop)]
  const staff = await Promise.all(ROLES.map((role) => createStaff(shop, admin, role)))
  const machine = await makeMachine(shop, admin, ['analytics:read'])
  return {
    shop,
    ada,
    visitor: guest(shop),
    mug: await keeper.listProduct({ stock: 1_000 }),
    /** Ids and names that nobody else may read anywhere; whoever makes something of Ada's adds to them. */
    secrets: new Set([ada.user.id, ada.login.email]),
    guest: { name: 'a guest', call: {} } satisfies Requester,
    stranger: bearer('another customer', bob.token ?? ''),
    owner: bearer('the owner', ada.token ?? ''),
    admin,
    staffAndMachines: [...staff, machine],
    machine,
  }
}
export type Fixtures = Awaited<ReturnType<typeof createFixtures>>

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

/** One request, whoever sends it. */
export type AccessRequest = { method: Method; path: string; call?: Call }

export const send = (
  shop: Shop,
  { method, path, call = {} }: AccessRequest,
  requester: Requester,
): Promise<Answer> =>
  shop.http.send(method, path, {
    ...call,
    ...requester.call,
    headers: { ...call.headers, ...requester.call.headers },
  })

/** What somebody sees at a path. */
export const getBody = async (shop: Shop, path: string, requester: Requester) =>
  expectOk(`GET ${path}`, await send(shop, { method: 'GET', path }, requester))
