import type { Ask, Asker, Cast } from './cast.ts'

/** Something that Ada owns, made anew for one operation, and the request that is tried on it. */
export type Owned = {
  ask: Omit<Ask, 'method' | 'path'> & { path: string }
  /** Whose it is; Ada unless it is a guest's. */
  owner?: Asker
  /** Others to try, besides a guest, a customer and staff. */
  others?: Asker[]
  /** Must be the same after all who may not have tried. */
  look: () => Promise<unknown>
  /** What its owner is answered in the end: the request was a good one. */
  succeeds: number
}

export type Entry =
  /** For everybody, and nobody's in particular. */
  | { access: 'public'; why: string }
  /** For people who logged in, on what is their own: no id in path, query or body leads to anybody else's. */
  | { access: 'login' }
  /** For whoever has the permission. */
  | { access: 'permission'; permission: string }
  /** One person's: strangers are told `stranger`, guests `guest`; holders of `staff` may, too. */
  | {
      access: 'owner'
      make: (cast: Cast) => Promise<Owned>
      guest: 401 | 404
      stranger: 403 | 404
      staff?: string
    }

export type Entries = Record<string, Entry>

export const open = (why: string): Entry => ({ access: 'public', why })
export const login: Entry = { access: 'login' }
export const needs = (permission: string): Entry => ({ access: 'permission', permission })
