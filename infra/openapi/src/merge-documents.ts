import type { ServiceName } from '../../../services/gateway/src/proxy/routes.ts'

type Json = null | boolean | number | string | Json[] | JsonObject
export interface JsonObject {
  [key: string]: Json
}

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

/** JSON with its keys in order, so that two spellings of one schema are equal. */
const canonical = (value: Json): string =>
  JSON.stringify(value, (_key, inner: Json) =>
    isObject(inner) ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1))) : inner,
  )

/** Adds a service's components. Two different ones of one name are an error: give one of them another title. */
const addComponents = (into: Record<string, JsonObject>, document: OpenApiDocument, service: string) => {
  for (const [kind, entries] of Object.entries(document.components ?? {})) {
    if (kind === 'securitySchemes') continue
    for (const [name, value] of Object.entries(entries)) {
      const known = into[kind]?.[name]
      if (known !== undefined && canonical(known) !== canonical(value)) {
        throw new Error(`${service} describes ${kind}/${name} differently from a service before it`)
      }
      if (known === undefined) into[kind] = { ...into[kind], [name]: value }
    }
  }
}

/** The tags in use: first those of the base document in its order, then the services' own. */
const usedTags = (tags: Json | undefined, paths: JsonObject): Json[] => {
  const operations = Object.values(paths).flatMap((path) => (isObject(path) ? Object.values(path) : []))
  const used = new Set(operations.flatMap((operation) => (isObject(operation) ? operation['tags'] : [])))
  const described = (Array.isArray(tags) ? tags : []).filter((tag) => isObject(tag) && used.has(tag['name']))
  const others = [...used].filter(
    (name) => typeof name === 'string' && !described.some((tag) => isObject(tag) && tag['name'] === name),
  )
  return [...described, ...others.map((name) => ({ name: name! }))]
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
  base: JsonObject
  /** The tag of each service's operations, unless they bring their own. */
  tagOf: Partial<Record<ServiceName, string>>
  /** Which service a path is forwarded to; what would be forwarded elsewhere is not documented. */
  serviceOf: (path: string) => ServiceName | undefined
  /** Added to each operation that does not describe them: what the gateway itself may answer. */
  responses: Record<string, JsonObject>
  components?: Record<string, JsonObject>
  headersOf?: (status: number) => JsonObject
}

/** One document out of those of the services: what is reachable through the gateway, and nothing else. */
export const mergeDocuments = (
  documents: ReadonlyMap<ServiceName, OpenApiDocument>,
  { base, tagOf, serviceOf, responses, headersOf = () => ({}), ...options }: MergeOptions,
): JsonObject => {
  const paths: JsonObject = { ...(isObject(base['paths']) ? base['paths'] : {}) }
  const components: Record<string, JsonObject> = { ...options.components }
  if (isObject(base['components'])) {
    for (const [kind, entries] of Object.entries(base['components'])) {
      if (isObject(entries)) components[kind] = { ...components[kind], ...entries }
    }
  }

  for (const [service, document] of documents) {
    addComponents(components, document, service)
    for (const [path, operations] of Object.entries(document.paths)) {
      if (serviceOf(path) !== service) continue
      const merged: JsonObject = {}
      for (const [method, operation] of Object.entries(operations)) {
        if (!METHODS.has(method)) {
          merged[method] = operation
          continue
        }
        const own = isObject(operation['responses']) ? operation['responses'] : {}
        merged[method] = {
          ...operation,
          tags: operation['tags'] ?? [tagOf[service] ?? service],
          responses: { ...responses, ...own },
        }
      }
      paths[path] = merged
    }
  }
  const merged = { ...base, tags: usedTags(base['tags'], paths), paths, components }
  return withoutUnused(withHeaders(merged, headersOf))
}
