import { randomUUID } from 'node:crypto'
import type { FileHandle } from 'node:fs/promises'
import { open, unlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'

const FLUSH_CHARACTERS = 65_536

const write = async (file: FileHandle, text: AsyncIterable<string>, signal: AbortSignal) => {
  let waiting = ''
  for await (const part of text) {
    waiting += part
    if (waiting.length < FLUSH_CHARACTERS) continue
    signal.throwIfAborted()
    await file.appendFile(waiting)
    waiting = ''
  }
  await file.appendFile(waiting)
}

// The file has no name while it is used, so that nothing of it outlives the process.
/** The whole text as a stream that begins once all of it is there: what fails does so before anything was answered. */
export const spool = async (text: AsyncIterable<string>, signal: AbortSignal): Promise<Readable> => {
  const path = join(tmpdir(), `storewright-${randomUUID()}`)
  const file = await open(path, 'wx+', 0o600)
  try {
    await unlink(path)
    await write(file, text, signal)
    return file.createReadStream({ start: 0, autoClose: true })
  } catch (error) {
    await file.close()
    throw error
  }
}
