import { expect } from 'vitest'
import { startNotification } from './harness.ts'
import { startMailServer } from './mail-server.ts'

/** The service and a mail server of its own; no replica runs yet. `login` is `user:password`. */
export const startWithMailServer = async (env: Record<string, string> = {}, login?: string) => {
  const mailServer = await startMailServer(login === undefined ? {} : { login })
  const notification = await startNotification({
    env: { SMTP_URL: mailServer.url, SMTP_TIMEOUT_MS: '500', ...env },
  })
  const state = async (userId: string) => (await notification.message(userId))?.state
  return {
    mailServer,
    notification,
    state,
    /** Waits until the message to this person has come so far. */
    until: (userId: string, wanted: string) =>
      expect.poll(() => state(userId), { timeout: 10_000 }).toBe(wanted),
    stop: async () => {
      await notification.stop()
      await mailServer.stop()
    },
  }
}
