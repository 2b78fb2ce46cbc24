/** Paths without any of these mean the same to every server; that is nearly all of them. */
const SUSPICIOUS = /[^A-Za-z0-9_~!$&'()*+,=:@./-]|\/\.|\/\//

const CONTROL = /\p{Cc}/u

const isPlain = (segment: string): boolean =>
  segment !== '.' && segment !== '..' && !segment.includes('\\') && !CONTROL.test(segment)

/**
 * True for a path that a server behind us could take for another one than we do: dot segments, empty segments,
 * backslashes and control characters, written out or encoded. A `%2F` may be part of a SKU and is let through,
 * unless what stands between the slashes is a dot segment.
 */
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
