import type { AccessRequest, Requester, Fixtures } from './fixtures.ts'

/** Something that Ada owns, made anew for one operation, and the request that is tried on it. */
export type Owned = {
  request: Omit<AccessRequest, 'method' | 'path'> & { path: string }
  /** Whose it is; Ada unless it is a guest's. */
  owner?: Requester
  /** Others to try, besides a guest, a customer and staff. */
  others?: Requester[]
  /** Must be the same after all who may not have tried. */
  look: () => Promise<unknown>
  /** What its owner is answered in the end: the request was a good one. */
  succeeds: number
}

export type AccessRule =
  /** For everybody, and nobody's in particular. */
  | { access: 'public'; why: string }
  /** For people who logged in, on what is their own: no id in path, query or body leads to anybody else's. */
  | { access: 'login' }
  /** For whoever has the permission. */
  | { access: 'permission'; permission: string }
  /** One person's: strangers are answered `stranger`, guests `guest`; holders of `staff` may, too. */
  | {
      access: 'owner'
      make: (fixtures: Fixtures) => Promise<Owned>
      guest: 401 | 404
      stranger: 403 | 404
      staff?: string
    }

export type AccessRules = Record<string, AccessRule>

export const open = (why: string): AccessRule => ({ access: 'public', why })
export const login: AccessRule = { access: 'login' }
export const needs = (permission: string): AccessRule => ({ access: 'permission', permission })
