/** As much of an OpenAPI 3.1 document as the tests read. */
export type OpenApi = {
  openapi: string
  paths: Record<string, Record<string, Operation>>
  components: Components
}

export type Operation = {
  operationId: string
  summary?: string
  description?: string
  tags?: string[]
  security?: Record<string, string[]>[]
  parameters?: { name: string; in: string; required?: boolean; schema?: object }[]
  requestBody?: { content: Record<string, Media> }
  responses: Record<string, Response | Reference>
  'x-permission'?: string
}

export type Response = {
  description: string
  headers?: Record<string, Header | Reference>
  content?: Record<string, Media>
}

export type Media = { schema: object; example?: unknown; examples?: Record<string, { value: unknown }> }

type Header = { required?: boolean; schema: object }

type Reference = { $ref: string }

type Components = {
  schemas: Record<string, object>
  responses: Record<string, Response>
  headers: Record<string, Header>
}

const METHODS = new Set(['get', 'put', 'post', 'patch', 'delete'])

const lastPart = ({ $ref }: Reference) => $ref.split('/').at(-1) ?? ''

export const responseOf = ({ components }: OpenApi, response: Response | Reference): Response => {
  if (!('$ref' in response)) return response
  const found = components.responses[lastPart(response)]
  if (!found) throw new Error(`the document has no ${response.$ref}`)
  return found
}

export const headerOf = ({ components }: OpenApi, header: Header | Reference): Header => {
  if (!('$ref' in header)) return header
  const found = components.headers[lastPart(header)]
  if (!found) throw new Error(`the document has no ${header.$ref}`)
  return found
}

/** Every operation with its method in capitals and its path as a template. */
export const operationsOf = ({ paths }: OpenApi) =>
  Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).flatMap(([method, operation]) =>
      METHODS.has(method) ? [{ method: method.toUpperCase(), path, operation }] : [],
    ),
  )

const refsIn = (part: unknown) =>
  [...JSON.stringify(part).matchAll(/"#\/components\/(\w+)\/([^"]+)"/g)].map(([, kind = '', name = '']) => ({
    kind,
    name,
  }))

/** The document of some of its paths, with the components that they refer to. */
export const excerptOf = (document: OpenApi, wanted: readonly string[]) => {
  const all = document.components as Record<string, Record<string, object>>
  const components: typeof all = all['securitySchemes'] ? { securitySchemes: all['securitySchemes'] } : {}
  const paths = Object.fromEntries(wanted.map((path) => [path, document.paths[path]]))
  const take = (part: unknown) => {
    for (const { kind, name } of refsIn(part)) {
      const found = all[kind]?.[name]
      if (!found || components[kind]?.[name]) continue
      components[kind] = { ...components[kind], [name]: found }
      take(found)
    }
  }
  take(paths)
  return { ...document, paths, components }
}

const patternOf = (template: string) =>
  new RegExp(
    `^${template
      .split('/')
      .map((part) => (part.startsWith('{') ? '[^/]+' : part.replace(/[.+?^$()|[\]\\]/g, '\\$&')))
      .join('/')}/?$`,
  )

const parametersIn = (template: string) => template.split('{').length

const isReadable = (path: string) => {
  try {
    return decodeURI(path) !== ''
  } catch {
    return false
  }
}

/** Finds the operation behind a path; of several fitting templates the one with the fewest parameters. */
export const createFinder = (document: OpenApi) => {
  const known = operationsOf(document)
    .map((entry) => ({ ...entry, pattern: patternOf(entry.path) }))
    .sort((a, b) => parametersIn(a.path) - parametersIn(b.path))
  return (method: string, path: string) => {
    if (!isReadable(path)) return undefined // refused before anybody asks whose path it is
    const [best] = known.filter(({ pattern }) => pattern.test(path))
    return best && known.find((entry) => entry.path === best.path && entry.method === method)
  }
}
