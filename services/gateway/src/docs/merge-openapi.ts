import type { ServiceName } from '../proxy/routes.ts'

/** JSON that is walked but not interpreted. */
type Json = null | boolean | number | string | Json[] | JsonObject
export interface JsonObject {
  [key: string]: Json
}

/** As much of an OpenAPI document as merging needs. */
export interface OpenApiDocument {
  paths: Record<string, Record<string, JsonObject>>
  components?: Record<string, JsonObject>
}

const METHODS = new Set(['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace'])

const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const mapObject = (value: Json | undefined, change: (inner: Json, key: string) => Json): JsonObject =>
  isObject(value)
    ? Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, change(inner, key)]))
    : {}

const renameReferences = (value: Json, renamed: ReadonlyMap<string, string>): Json => {
  if (Array.isArray(value)) return value.map((item) => renameReferences(item, renamed))
  if (!isObject(value)) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key,
      key === '$ref' && typeof inner === 'string'
        ? (renamed.get(inner) ?? inner)
        : renameReferences(inner, renamed),
    ]),
  )
}

const refersTo = (value: Json, references: ReadonlyMap<string, string>): boolean => {
  if (Array.isArray(value)) return value.some((item) => refersTo(item, references))
  if (!isObject(value)) return false
  return Object.entries(value).some(([key, inner]) =>
    key === '$ref' && typeof inner === 'string' ? references.has(inner) : refersTo(inner, references),
  )
}

/**
 * Two services may call different things by one name: the second to come then carries its service's name, and
 * so does whatever refers to it. Gives the references that changed.
 */
const addComponents = (into: Record<string, JsonObject>, document: OpenApiDocument, service: string) => {
  const parts = Object.entries(document.components ?? {})
    .filter(([kind]) => kind !== 'securitySchemes')
    .flatMap(([kind, entries]) => Object.entries(entries).map(([name, value]) => ({ kind, name, value })))
  const renamed = new Map<string, string>()

  const clashes = ({ kind, name, value }: (typeof parts)[number]) => {
    const known = into[kind]?.[name]
    return known !== undefined && JSON.stringify(known) !== JSON.stringify(value)
  }
  for (let before = -1; before !== renamed.size;) {
    before = renamed.size
    for (const part of parts) {
      const reference = `#/components/${part.kind}/${part.name}`
      if (clashes(part) || refersTo(part.value, renamed)) {
        renamed.set(reference, `#/components/${part.kind}/${service}-${part.name}`)
      }
    }
  }

  for (const { kind, name, value } of parts) {
    const target = renamed.has(`#/components/${kind}/${name}`) ? `${service}-${name}` : name
    into[kind] = { ...into[kind], [target]: renameReferences(value, renamed) }
  }
  return renamed
}

/** The chapters that have something in them: first those of the frame, in its order, then the services' own. */
const usedTags = (tags: Json | undefined, paths: JsonObject): Json[] => {
  const operations = Object.values(paths).flatMap((path) => (isObject(path) ? Object.values(path) : []))
  const used = new Set(operations.flatMap((operation) => (isObject(operation) ? operation['tags'] : [])))
  const framed = (Array.isArray(tags) ? tags : []).filter((tag) => isObject(tag) && used.has(tag['name']))
  const others = [...used].filter(
    (name) => typeof name === 'string' && !framed.some((tag) => isObject(tag) && tag['name'] === name),
  )
  return [...framed, ...others.map((name) => ({ name: name! }))]
}

/** Every response with the headers that come with its status, wherever it is described. */
const withHeaders = (document: JsonObject, headersOf: (status: number) => JsonObject): JsonObject => {
  const add = (response: Json, status: string): Json =>
    isObject(response) && response['$ref'] === undefined
      ? {
          ...response,
          headers: { ...headersOf(Number(status)), ...(response['headers'] as JsonObject | undefined) },
        }
      : response
  const statuses = new Map<string, string>()
  const paths = mapObject(document['paths'], (methods) =>
    mapObject(methods, (operation) => {
      if (!isObject(operation) || !isObject(operation['responses'])) return operation
      const responses = mapObject(operation['responses'], (response, status) => {
        if (isObject(response) && typeof response['$ref'] === 'string') statuses.set(response['$ref'], status)
        return add(response, status)
      })
      return { ...operation, responses }
    }),
  )
  const components = isObject(document['components']) ? document['components'] : {}
  const responses = mapObject(components['responses'], (response, name) =>
    add(response, statuses.get(`#/components/responses/${name}`) ?? ''),
  )
  return { ...document, paths, components: { ...components, responses } }
}

const references = (value: Json, found = new Set<string>()): Set<string> => {
  if (Array.isArray(value)) for (const item of value) references(item, found)
  else if (isObject(value)) {
    for (const [key, inner] of Object.entries(value)) {
      if (key === '$ref' && typeof inner === 'string') found.add(inner)
      else references(inner, found)
    }
  }
  return found
}

/** Without the components that nothing refers to: those of answers that every service describes more exactly. */
const withoutUnused = (document: JsonObject): JsonObject => {
  const { components = {} } = document
  const used = references(document)
  const kept = mapObject(components, (entries, kind) =>
    kind === 'securitySchemes' || !isObject(entries)
      ? entries
      : Object.fromEntries(
          Object.entries(entries).filter(([name]) => used.has(`#/components/${kind}/${name}`)),
        ),
  )
  const smaller = { ...document, components: kept }
  return references(smaller).size === used.size ? smaller : withoutUnused(smaller)
}

export interface MergeOptions {
  /** The document around the services' parts. */
  frame: JsonObject
  /** The tag of each service's operations, unless they bring their own. */
  tagOf: Partial<Record<ServiceName, string>>
  /** Which service a path is forwarded to; what would be forwarded elsewhere is not documented. */
  serviceOf: (path: string) => ServiceName | undefined
  /** Added to each operation that does not describe them: what the gateway itself may answer. */
  responses: Record<string, JsonObject>
  /** What those refer to. */
  components?: Record<string, JsonObject>
  /** The headers that come with any answer of a status. */
  headersOf?: (status: number) => JsonObject
}

/** One document out of those of the services: what is reachable through the gateway, and nothing else. */
export const mergeOpenApi = (
  documents: ReadonlyMap<ServiceName, OpenApiDocument>,
  { frame, tagOf, serviceOf, responses, headersOf = () => ({}), ...options }: MergeOptions,
): JsonObject => {
  const paths: JsonObject = { ...(isObject(frame['paths']) ? frame['paths'] : {}) }
  const components: Record<string, JsonObject> = { ...options.components }
  if (isObject(frame['components'])) {
    for (const [kind, entries] of Object.entries(frame['components'])) {
      if (isObject(entries)) components[kind] = { ...components[kind], ...entries }
    }
  }

  for (const [service, document] of documents) {
    const renamed = addComponents(components, document, service)
    for (const [path, operations] of Object.entries(document.paths)) {
      if (serviceOf(path) !== service) continue
      const merged: JsonObject = {}
      for (const [method, operation] of Object.entries(operations)) {
        const rewritten = renameReferences(operation, renamed)
        if (!METHODS.has(method) || !isObject(rewritten)) {
          merged[method] = rewritten
          continue
        }
        const own = isObject(rewritten['responses']) ? rewritten['responses'] : {}
        merged[method] = {
          ...rewritten,
          tags: rewritten['tags'] ?? [tagOf[service] ?? service],
          responses: { ...responses, ...own },
        }
      }
      paths[path] = merged
    }
  }
  const merged = { ...frame, tags: usedTags(frame['tags'], paths), paths, components }
  return withoutUnused(withHeaders(merged, headersOf))
}
