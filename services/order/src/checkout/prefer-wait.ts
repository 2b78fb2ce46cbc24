const MAX_WAIT_SECONDS = 30

/** The seconds that a `Prefer: wait=…` header asks for, bounded; 0 without one (RFC 7240). */
export const waitSecondsOf = (prefer: string | string[] | undefined): number => {
  const preferences = [prefer ?? []].flat().join(',')
  const seconds = /(?:^|[,;])\s*wait\s*=\s*"?(\d{1,9})"?\s*(?:$|[,;])/i.exec(preferences)?.[1]
  return Math.min(Number(seconds ?? 0), MAX_WAIT_SECONDS)
}
