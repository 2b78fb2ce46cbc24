/** Paths without any of these, nearly all, mean the same to every server. */
const SUSPICIOUS = /[^A-Za-z0-9_~!$&'()*+,=:@./-]|\/\.|\/\//

const CONTROL = /\p{Cc}/u

const isPlain = (segment: string): boolean =>
  segment !== '.' && segment !== '..' && !segment.includes('\\') && !CONTROL.test(segment)

/** True for a path that a service could read as another: dot or empty segments, backslashes, control characters,
 * plain or encoded. `%2F` may be part of a SKU and is allowed, unless a dot segment stands between the slashes. */
export const isAmbiguousPath = (path: string): boolean => {
  if (!SUSPICIOUS.test(path)) return false
  return path
    .slice(1)
    .split('/')
    .some((segment, index, all) => {
      if (segment === '') return index < all.length - 1
      let decoded: string
      try {
        decoded = decodeURIComponent(segment)
      } catch {
        return true
      }
      return !decoded.split('/').every(isPlain)
    })
}
