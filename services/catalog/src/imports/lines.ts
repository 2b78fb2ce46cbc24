import { isUtf8 } from 'node:buffer'

/** A line longer than this is refused without being kept. */
export const MAX_LINE_BYTES = 1024 * 1024

/** One physical line of a file, without its end, or why it cannot be read. Lines count from 1. */
export type Line = { line: number; text: string } | { line: number; fault: string }

const decode = (line: number, bytes: Buffer): Line => {
  let end = bytes.length
  if (bytes[end - 1] === 0x0d) end -= 1
  const start = line === 1 && bytes.subarray(0, 3).equals(BOM) ? 3 : 0
  const content = bytes.subarray(start, end)
  if (!isUtf8(content)) return { line, fault: 'is not UTF-8' }
  if (content.includes(0)) return { line, fault: 'contains a NUL character' }
  return { line, text: content.toString('utf8') }
}

const BOM = Buffer.from([0xef, 0xbb, 0xbf])
const TOO_LONG = `is longer than ${MAX_LINE_BYTES / 1024} KiB`

/** Cuts a stream of bytes into lines, holding no more than one line. */
export async function* linesOf(source: AsyncIterable<Buffer>): AsyncGenerator<Line[]> {
  let line = 0
  let rest: Buffer[] = []
  let restBytes = 0

  const finish = (last: Buffer): Line => {
    line += 1
    const tooLong = restBytes + last.length > MAX_LINE_BYTES
    const whole = rest.length === 0 ? last : Buffer.concat([...rest, last])
    rest = []
    restBytes = 0
    return tooLong ? { line, fault: TOO_LONG } : decode(line, whole)
  }

  for await (const chunk of source) {
    const lines: Line[] = []
    let from = 0
    for (let end = chunk.indexOf(0x0a); end !== -1; end = chunk.indexOf(0x0a, from)) {
      lines.push(finish(chunk.subarray(from, end)))
      from = end + 1
    }
    restBytes += chunk.length - from
    // Past the limit only the length is remembered.
    if (restBytes <= MAX_LINE_BYTES) rest.push(chunk.subarray(from))
    else rest = []
    if (lines.length > 0) yield lines
  }
  if (restBytes > 0) yield [finish(Buffer.alloc(0))]
}
