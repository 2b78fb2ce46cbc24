import { expect, it } from 'vitest'
import type { Mail } from './mail.ts'
import { renderMail, subjectOf } from './templates.ts'

const shop = { name: 'Mugs & More', storefrontUrl: 'https://shop.example' }
const moment = '2026-11-24T18:05:00.000Z'

const verifying = { kind: 'verify-email', expiresAt: moment } as const
const changed = { kind: 'password-changed', changedAt: moment } as const
const linkOf = (page: string) => [`https://shop.example/${page}`]

const mails: [string, Mail, string[]][] = [
  ['a new account’s address', { ...verifying, purpose: 'registration' }, linkOf('verify-email?token=a%2Bb')],
  ['a new address', { ...verifying, purpose: 'change' }, linkOf('verify-email?token=a%2Bb')],
  [
    'a forgotten password',
    { kind: 'reset-password', expiresAt: moment },
    linkOf('reset-password?token=a%2Bb'),
  ],
  ['a changed password', { ...changed, by: 'change' }, linkOf('forgot-password')],
  ['a reset password', { ...changed, by: 'reset' }, linkOf('forgot-password')],
  ['a changed address', { kind: 'email-changed', newEmail: 'a…@example.org', changedAt: moment }, []],
]

it.each(mails)(
  'renders the mail about %s with the shop’s own links only, alike in text and HTML',
  (_what, mail, links) => {
    const { subject, text, html } = renderMail({ mail, name: 'Ada <3', secret: 'a+b' }, shop)
    expect(subject).toBe(subjectOf(mail, shop))
    expect(subject).toMatch(/ – Mugs & More$/)
    expect(text.match(/https?:\/\/\S+/g) ?? []).toEqual(links)
    expect([...new Set(Array.from(html.matchAll(/href="([^"]*)"/g), ([, url]) => url))]).toEqual(links)
    expect(text).toContain('24 November 2026 at 18:05 UTC')
    expect(html).toContain('24 November 2026 at 18:05 UTC')
    expect(html).toContain('Mugs &amp; More')
    expect(html).not.toMatch(/Mugs & More|<script|<img|http-equiv/)
    expect(text).toMatch(/^Hello,\n/)
  },
)
