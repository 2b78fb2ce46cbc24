import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { load } from 'js-yaml'

/** `openapi.yaml`, which `npm run gen` makes from the services' schemas, as the JSON text to serve. */
export interface OpenApiText {
  text: string
  etag: string
}

const FILE = new URL('../../../../openapi.yaml', import.meta.url)

const read = async (): Promise<OpenApiText> => {
  const text = JSON.stringify(load(await readFile(FILE, 'utf8')))
  return { text, etag: `"${createHash('sha256').update(text).digest('base64url').slice(0, 27)}"` }
}

let document: Promise<OpenApiText> | undefined

/** Reads the document at the first request: parsing takes some 100 ms, which most gateways never need. */
export const openApi = (): Promise<OpenApiText> => (document ??= read())
