import { expect, it } from 'vitest'
import { mailboxOf } from './instances.ts'

it('names a mailbox only where mails are captured', () => {
  const url = 'http://127.0.0.1:3005'
  expect(mailboxOf(url, { NODE_ENV: 'development' })).toBe(`${url}/mailbox`)
  expect(mailboxOf(url, { NODE_ENV: 'development', SMTP_URL: '' })).toBe(`${url}/mailbox`)
  expect(mailboxOf(url, { NODE_ENV: 'development', SMTP_URL: 'smtp://mail' })).toBeUndefined()
  expect(mailboxOf(url, { NODE_ENV: 'production' })).toBeUndefined()
})
