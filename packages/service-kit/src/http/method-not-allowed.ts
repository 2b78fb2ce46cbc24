const patternOf = (url: string) => {
  const source = url
    .split('/')
    .map((part) =>
      part
        .replace(/[.+?^${}()|[\]\\]/g, '\\$&')
        .replace(/:\w+/g, '[^/]+')
        .replace('*', '.*'),
    )
    .join('/')
  return new RegExp(`^${source}/?$`)
}

/** Remembers which methods each path takes, so that a wrong method is a 405 and not a 404. */
export const createMethodTable = () => {
  const routes = new Map<string, { pattern: RegExp; methods: Set<string> }>()
  return {
    add: (url: string, methods: string | string[]) => {
      const route = routes.get(url) ?? { pattern: patternOf(url), methods: new Set<string>() }
      for (const method of [methods].flat()) route.methods.add(method)
      routes.set(url, route)
    },
    allowed: (path: string): string[] => {
      const fitting = [...routes.values()].filter(({ pattern }) => pattern.test(path))
      return [...new Set(fitting.flatMap(({ methods }) => [...methods]))].sort()
    },
  }
}
