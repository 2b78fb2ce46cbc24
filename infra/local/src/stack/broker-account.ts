import { Failure } from '../reporting.ts'
import { probeManagement } from '../probe.ts'
import { type Secrets, passwordFor } from '../secrets.ts'
import type { ServerHandle } from '../servers/handle.ts'

/** Returns a URL with rights in a virtual host of its own; without a management API the shop uses RABBITMQ_URL's. */
export const prepareBroker = async (
  broker: ServerHandle,
  prefix: string,
  secrets: Secrets,
): Promise<string> => {
  if (!broker.managementUrl) return broker.url
  await probeManagement(broker.managementUrl)
  const { origin, username, password } = new URL(broker.managementUrl)
  const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
  const put = async (path: string, body: object): Promise<void> => {
    const response = await fetch(`${origin}/api/${path}`, {
      method: 'PUT',
      headers: {
        authorization: `Basic ${Buffer.from(credentials).toString('base64')}`,
        'content-type': 'application/json',
      },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(20_000),
    })
    if (response.ok) return
    const answer = await response.text()
    throw new Failure(
      `RabbitMQ's management API refuses to make ${path} (status ${response.status}): its user has to be an administrator.`,
      [answer.slice(0, 300)],
    )
  }

  const name = prefix.replace(/_+$/, '') || 'storewright'
  const servicePassword = passwordFor(secrets, `broker/${name}`)
  await put(`vhosts/${name}`, {})
  await put(`users/${name}`, { password: servicePassword, tags: '' })
  await put(`permissions/${name}/${name}`, { configure: '.*', write: '.*', read: '.*' })

  const url = new URL(broker.url)
  url.username = name
  url.password = servicePassword
  url.pathname = `/${name}`
  return url.href
}
