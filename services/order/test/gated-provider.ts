import type { PaymentProvider } from '../src/payments/provider.ts'

/**
 * A provider whose answers the test delays: the real one works at once, and its answer is passed on when the gate
 * opens. A lost answer never comes, as when the calling process has died; a lost call does not reach the provider.
 */
export const createGate = () => {
  let gate: PromiseWithResolvers<void> | undefined
  let lost: 'call' | 'answer' | null = null
  let refuseCaptures = false
  const asked: { what: string; key: string }[] = []

  const behind = async <T>(what: string, key: string, call: () => Promise<T>): Promise<T> => {
    const held = gate
    const losing = lost
    asked.push({ what, key })
    const result = losing === 'call' ? undefined : await call()
    if (losing || result === undefined) return new Promise<never>(() => undefined)
    await held?.promise
    return result
  }

  return {
    asked,
    close: () => {
      gate ??= Promise.withResolvers()
    },
    open: () => {
      gate?.resolve()
      gate = undefined
    },
    lose: (what: typeof lost) => {
      lost = what
    },
    refuseCaptures: (refuse: boolean) => {
      refuseCaptures = refuse
    },
    around: (provider: PaymentProvider): PaymentProvider => ({
      ...provider,
      authorize: (request) => behind('authorize', request.key, () => provider.authorize(request)),
      capture: (request) =>
        refuseCaptures
          ? Promise.resolve({ result: 'declined', reason: 'account-closed' })
          : behind('capture', request.key, () => provider.capture(request)),
      void: (request) => behind('void', request.key, () => provider.void(request)),
      find: (question) => behind('find', question.key, () => provider.find(question)),
    }),
  }
}
