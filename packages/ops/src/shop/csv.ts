const field = (value: string | number) =>
  /[",\r\n]/.test(String(value)) ? `"${String(value).replaceAll('"', '""')}"` : String(value)

/** One CSV document (RFC 4180) with a header. */
export const csvOf = (header: string[], rows: (string | number)[][]) =>
  [header, ...rows].map((row) => `${row.map(field).join(',')}\r\n`).join('')
