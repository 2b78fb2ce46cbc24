import { escapeHtml } from '../mails/layout.ts'
import type { CapturedMail } from './queries.ts'

/** No scripts and nothing from other origins; the frame that shows a mail inherits it, with its inline styles. */
export const CONTENT_SECURITY_POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

const STYLE = `
body { margin: 0 auto; max-width: 60rem; padding: 1rem; font: 16px/1.5 system-ui, sans-serif; color: #222 }
h1 { font-size: 1.3rem }
ul { list-style: none; padding: 0 }
li a { display: block; padding: .6rem 0; border-top: 1px solid #ddd; color: inherit; text-decoration: none }
li a:hover { background: #f3f4f6 }
small, dt { color: #666 }
dt { float: left; clear: left; width: 5rem }
iframe { width: 100%; height: 34rem; border: 1px solid #ccc; border-radius: 6px }
pre { white-space: pre-wrap; overflow-wrap: anywhere; padding: 1rem; background: #f3f4f6; border-radius: 6px }
input { font: inherit; padding: .3rem .5rem; width: min(20rem, 60%) }
button { font: inherit; padding: .3rem .8rem }
`

const page = (title: string, body: string[], head = '') =>
  [
    '<!doctype html>',
    '<html lang="en">',
    '<head>',
    '<meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    head,
    `<title>${escapeHtml(title)}</title>`,
    `<style>${STYLE}</style>`,
    '</head>',
    '<body>',
    ...body,
    '</body>',
    '</html>',
    '',
  ].join('\n')

const moment = (at: Date) => at.toISOString().replace('T', ' ').slice(0, 19)

const entry = ({ id, to, subject, sentAt }: CapturedMail) =>
  `<li><a href="/mailbox/${id}"><strong>${escapeHtml(subject)}</strong><br><small>${escapeHtml(to)} · ${moment(sentAt)} UTC</small></a></li>`

export const listPage = (mails: readonly CapturedMail[], to: string | undefined): string =>
  page(
    'Mailbox',
    [
      '<h1>Mailbox</h1>',
      '<p>Mails of this development shop end here; nothing is sent.</p>',
      `<form action="/mailbox"><label>To <input name="to" value="${escapeHtml(to ?? '')}"></label> <button>Show</button></form>`,
      mails.length === 0 ? '<p>There is no mail yet.</p>' : `<ul>${mails.map(entry).join('\n')}</ul>`,
    ],
    '<meta http-equiv="refresh" content="10">',
  )

const LINK = /https?:\/\/\S+/g

export const linksIn = (text: string): string[] => [...new Set(text.match(LINK) ?? [])]

const asLink = (url: string) =>
  `<li><a href="${escapeHtml(url)}" target="_blank" rel="noopener noreferrer">${escapeHtml(url)}</a></li>`

/** One mail. Its HTML is shown in a frame without origin and scripts; links open in an ordinary new tab. */
export const mailPage = ({ to, subject, text, html, sentAt, kind, userId }: CapturedMail): string => {
  const framed = html.replace('<head>', '<head><base target="_blank">')
  return page(subject, [
    '<p><a href="/mailbox">Mailbox</a></p>',
    `<h1>${escapeHtml(subject)}</h1>`,
    `<dl><dt>To</dt><dd>${escapeHtml(to)}</dd><dt>At</dt><dd>${moment(sentAt)} UTC</dd><dt>Kind</dt><dd>${escapeHtml(kind)}</dd><dt>User</dt><dd>${escapeHtml(userId)}</dd></dl>`,
    `<iframe title="The mail" sandbox="allow-popups allow-popups-to-escape-sandbox" referrerpolicy="no-referrer" srcdoc="${escapeHtml(framed)}"></iframe>`,
    '<h2>Links</h2>',
    '<p><small>They lead to the storefront, <code>STOREFRONT_URL</code>. Without one, send the token to <code>POST /v1/auth/email/verify</code> or <code>…/password/reset</code>.</small></p>',
    `<ul>${linksIn(text).map(asLink).join('\n')}</ul>`,
    '<h2>As text</h2>',
    `<pre>${escapeHtml(text)}</pre>`,
  ])
}
