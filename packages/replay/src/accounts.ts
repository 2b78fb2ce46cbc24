import { ApiError, type Shop } from '@storewright/client'

type Session = { token: string; refreshToken: string; validUntil: number }

// A token is renewed this long before it expires, so that it outlives the call it is used for.
const MARGIN_MS = 60_000

const sessionOf = (tokens: { accessToken: string; refreshToken: string; expiresIn: number }): Session => ({
  token: tokens.accessToken,
  refreshToken: tokens.refreshToken,
  validUntil: Date.now() + tokens.expiresIn * 1_000 - MARGIN_MS,
})

/** The customers' accounts, at most `limit`, for a password costs a third of a second of one core; others order as guests. */
export const openAccounts = (shop: Shop, { limit, password }: { limit: number; password: string }) => {
  const sessions = new Map<string, Promise<Session>>()

  const logIn = async (email: string) => sessionOf((await shop.logIn(email, password)).tokens)
  const registerOrLogIn = async (customer: string) => {
    const email = `customer-${customer}@replay.example`
    try {
      return sessionOf((await shop.register(email, password)).tokens)
    } catch (error) {
      // An earlier replay registered it, or this one did and lost the answer.
      if (error instanceof ApiError && error.status === 409) return logIn(email)
      throw error
    }
  }
  const renew = async (session: Session, customer: string) => {
    if (Date.now() < session.validUntil) return session
    // A refresh token works once: if the answer to an earlier try was lost, only a new log-in helps.
    return shop.refresh(session.refreshToken).then(sessionOf, () => registerOrLogIn(customer))
  }

  return {
    size: () => sessions.size,
    /** Undefined for a customer who orders as a guest. */
    tokenOf: async (customer: string | null): Promise<string | undefined> => {
      if (!customer) return undefined
      const known = sessions.get(customer)
      if (!known && sessions.size >= limit) return undefined
      const session = known ? known.then((last) => renew(last, customer)) : registerOrLogIn(customer)
      sessions.set(customer, session)
      session.catch(() => sessions.delete(customer))
      return (await session).token
    },
    /** After a 401: the next use logs in again. */
    forget: (customer: string) => sessions.delete(customer),
  }
}
export type Accounts = ReturnType<typeof openAccounts>
