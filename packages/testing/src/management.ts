/** The broker's management API, for what AMQP has no words for. */
export const managementApi = (managementUrl: string) => {
  const { username, password, origin } = new URL(managementUrl)
  const authorization = `Basic ${Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString('base64')}`

  return async <Answer = unknown>(method: string, path: string, body?: unknown): Promise<Answer> => {
    const response = await fetch(`${origin}/api${path}`, {
      method,
      headers: { authorization, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    if (!response.ok) throw new Error(`${method} ${path}: the broker answered ${response.status} ${text}`)
    return (text === '' ? undefined : JSON.parse(text)) as Answer
  }
}

export type ManagementApi = ReturnType<typeof managementApi>

/** A path of the management API: its parts are encoded, `/` included. */
export const apiPath = (...parts: string[]) => parts.map((part) => `/${encodeURIComponent(part)}`).join('')
