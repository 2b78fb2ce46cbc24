const watched = new Set<string>()

/** From here on every answer of this gateway is compared with the document, for every client in this process. */
export const watchGateway = (url: string) => void watched.add(new URL(url).origin)

export const isWatched = (origin: string) => watched.has(origin)
