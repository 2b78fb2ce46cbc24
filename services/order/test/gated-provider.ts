import type { PaymentProvider } from '../src/payments/provider.ts'

/**
 * A provider whose answers the test delays: the real one works at once, and its answer is passed on when the gate
 * opens. A `lost` answer never comes, as when the calling process has died.
 */
export const createGate = () => {
  let gate: PromiseWithResolvers<void> | undefined
  let losing = false
  let refuseCaptures = false
  const asked: { what: string; key: string }[] = []

  const behind = async <T>(what: string, key: string, answer: Promise<T>): Promise<T> => {
    const held = gate
    const lost = losing
    asked.push({ what, key })
    const result = await answer
    if (lost) return new Promise<never>(() => undefined)
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
    lose: (isLosing: boolean) => {
      losing = isLosing
    },
    refuseCaptures: (refuse: boolean) => {
      refuseCaptures = refuse
    },
    around: (provider: PaymentProvider): PaymentProvider => ({
      ...provider,
      authorize: (request) => behind('authorize', request.key, provider.authorize(request)),
      capture: (request) =>
        refuseCaptures
          ? Promise.resolve({ result: 'declined', reason: 'account-closed' })
          : behind('capture', request.key, provider.capture(request)),
      void: (request) => behind('void', request.key, provider.void(request)),
      find: (question) => behind('find', question.key, provider.find(question)),
    }),
  }
}
