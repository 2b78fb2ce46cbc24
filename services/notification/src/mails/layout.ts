export interface Content {
  subject: string
  shopName: string
  greeting: string
  before: readonly string[]
  action?: { label: string; url: string }
  after: readonly string[]
}

const ENTITIES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** Text as it may stand in HTML, between tags or within quotes. */
export const escapeHtml = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '')

/** A link stands on a line of its own, so that every mail program finds its end. */
export const toText = ({ shopName, greeting, before, action, after }: Content): string =>
  [greeting, ...before, ...(action ? [`${action.label}:\n${action.url}`] : []), ...after, shopName].join(
    '\n\n',
  ) + '\n'

const paragraph = (text: string, style = '') => `<p style="margin:0 0 16px;${style}">${escapeHtml(text)}</p>`

const button = ({ label, url }: { label: string; url: string }) => {
  const href = escapeHtml(url)
  return [
    `<p style="margin:24px 0"><a href="${href}" style="display:inline-block;padding:14px 24px;border-radius:6px;background:#1f4e79;color:#ffffff;text-decoration:none;font-weight:bold">${escapeHtml(label)}</a></p>`,
    `<p style="margin:0 0 16px;font-size:13px;color:#555555;word-break:break-all">Or open this address:<br><a href="${href}" style="color:#1f4e79">${href}</a></p>`,
  ]
}

/** One column, inline styles only, no pictures: reads the same on a phone, on paper and in a terminal. */
export const toHtml = ({ subject, shopName, greeting, before, action, after }: Content): string =>
  [
    '<!doctype html>',
    '<html lang="en">',
    '<head>',
    '<meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<title>${escapeHtml(subject)}</title>`,
    '</head>',
    '<body style="margin:0;padding:0;background:#f3f4f6">',
    '<div style="max-width:560px;margin:0 auto;padding:24px 16px;font-family:Helvetica,Arial,sans-serif;font-size:16px;line-height:1.5;color:#222222">',
    `<p style="margin:0 0 16px;font-size:18px;font-weight:bold">${escapeHtml(shopName)}</p>`,
    '<div style="padding:24px;border-radius:8px;background:#ffffff">',
    ...[greeting, ...before].map((text) => paragraph(text)),
    ...(action ? button(action) : []),
    ...after.map((text) => paragraph(text, 'color:#555555')),
    '</div>',
    '</div>',
    '</body>',
    '</html>',
    '',
  ].join('\n')
