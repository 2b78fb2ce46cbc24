import { safeDisplayName } from './address.ts'
import { toHtml, toText, type Content } from './layout.ts'
import type { Mail, MailKind, RenderedMail } from './mail.ts'

export interface Shop {
  name: string
  /** Without a slash at its end. */
  storefrontUrl: string
}

interface TemplateInput<M extends Mail> {
  mail: M
  shop: Shop
  /** URL-encoded. */
  token: string
}

type Of<Kind extends MailKind> = Extract<Mail, { kind: Kind }>
type TemplateOutput = Omit<Content, 'shopName' | 'greeting'>
type Templates = { [Kind in MailKind]: (input: TemplateInput<Of<Kind>>) => TemplateOutput }

const moment = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeStyle: 'short', timeZone: 'UTC' })
const at = (instant: string) => `${moment.format(new Date(instant))} UTC`

const worksOnce = (expiresAt: string) => `The link works once, until ${at(expiresAt)}.`

const templates: Templates = {
  'verify-email': ({ mail: { purpose, expiresAt }, shop, token }) => ({
    subject: purpose === 'change' ? 'Confirm your new e-mail address' : 'Confirm your e-mail address',
    before: [
      purpose === 'change'
        ? `You asked for this address to become the one of your account at ${shop.name}. Please confirm that it is yours.`
        : `Welcome to ${shop.name}. Please confirm that this address is yours.`,
    ],
    action: { label: 'Confirm address', url: `${shop.storefrontUrl}/verify-email?token=${token}` },
    after: [worksOnce(expiresAt), 'If this was not you, ignore this message: without it nothing happens.'],
  }),

  'reset-password': ({ mail: { expiresAt }, shop, token }) => ({
    subject: 'Choose a new password',
    before: [
      `Somebody, probably you, asked for a new password for your account at ${shop.name}. Choose one here.`,
    ],
    action: { label: 'Choose a password', url: `${shop.storefrontUrl}/reset-password?token=${token}` },
    after: [
      worksOnce(expiresAt),
      'If this was not you, ignore this message: your password stays as it is. Never pass the link on.',
    ],
  }),

  'password-changed': ({ mail: { by, changedAt }, shop }) => ({
    subject: 'Your password was changed',
    before: [
      by === 'reset'
        ? `The password of your account at ${shop.name} was reset on ${at(changedAt)}. All devices were logged out.`
        : `The password of your account at ${shop.name} was changed on ${at(changedAt)}. Your other devices were logged out.`,
      'If this was you, there is nothing to do. If it was not, choose a new password now and contact us.',
    ],
    action: { label: 'Choose a new password', url: `${shop.storefrontUrl}/forgot-password` },
    after: [],
  }),

  'email-changed': ({ mail: { newEmail, changedAt }, shop }) => ({
    subject: 'Your e-mail address was changed',
    before: [
      `The e-mail address of your account at ${shop.name} was changed to ${newEmail} on ${at(changedAt)}. Messages will go there from now on; this is the last one to this address.`,
      'If this was you, there is nothing to do. If it was not, somebody else has your account: please contact us at once.',
    ],
    after: [],
  }),
}

const write = <Kind extends MailKind>(input: TemplateInput<Of<Kind>>, kind: Kind): TemplateOutput =>
  templates[kind](input)

/** The subject of such a mail; nothing in it is personal. */
export const subjectOf = (mail: Mail, shop: Shop): string =>
  `${write({ mail, shop, token: '' }, mail.kind).subject} – ${shop.name}`

/** Writes a mail as text and as HTML. Links lead to the shop's own storefront, whatever the event contains. */
export const renderMail = (
  { mail, name, secret }: { mail: Mail; name: string | null; secret: string | null },
  shop: Shop,
): RenderedMail => {
  const displayName = safeDisplayName(name)
  const content: Content = {
    ...write({ mail, shop, token: encodeURIComponent(secret ?? '') }, mail.kind),
    greeting: displayName === null ? 'Hello,' : `Hello ${displayName},`,
    shopName: shop.name,
  }
  return { subject: subjectOf(mail, shop), text: toText(content), html: toHtml(content) }
}
