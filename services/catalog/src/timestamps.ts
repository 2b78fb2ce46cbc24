const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/

/** True for an instant as `toISOString` writes it; what else `Date.parse` takes, no column may hold. */
export const isTimestamp = (text: string) => INSTANT.test(text) && !Number.isNaN(Date.parse(text))
