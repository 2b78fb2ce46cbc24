import { expectOk, openHttp } from '@storewright/client'
import { readConfig, requireSetting, type OpsConfig } from '../config.ts'
import { action, EXIT, newCommand, print, table, type CommonOptions } from '../cli.ts'

type Keys = {
  items: { kid: string; alg: string; state: string; activeFrom: string; expiresAt: string | null }[]
}
type Rotation = { made: boolean; kid: string; activeFrom: string }
type RotateFlags = CommonOptions & { now?: boolean }

const askUser = async <Body>(config: OpsConfig, path: string, body?: unknown): Promise<Body> => {
  const http = openHttp({ gateways: [requireSetting(config, 'userUrl')] })
  try {
    const headers = { 'x-internal-token': requireSetting(config, 'internalToken') }
    const method = body === undefined ? 'GET' : 'POST'
    return expectOk(`${method} ${path}`, await http.send<Body>(method, path, { headers, body }))
  } finally {
    await http.close()
  }
}

const list = action(async (flags: CommonOptions) => {
  const { items } = await askUser<Keys>(readConfig(flags), '/internal/signing-keys')
  print(flags, items, () =>
    table(
      ['key', 'algorithm', 'state', 'signs from', 'published until'],
      items.map((key) => [key.kid, key.alg, key.state, key.activeFrom, key.expiresAt ?? '']),
    ),
  )
  return EXIT.ok
})

const rotate = action(async (flags: RotateFlags) => {
  const path = '/internal/signing-keys/rotate'
  const rotation = await askUser<Rotation>(readConfig(flags), path, { now: flags.now ?? false })
  print(flags, rotation, () =>
    rotation.made
      ? `key ${rotation.kid} is published, and signs from ${rotation.activeFrom}`
      : `a rotation is under way: key ${rotation.kid} signs from ${rotation.activeFrom}`,
  )
  return EXIT.ok
})

export const keysCommand = () => {
  const parent = newCommand('keys', 'the keys that access tokens are signed with', [
    'keys list',
    'keys rotate',
    'keys rotate --now',
  ])
  parent.addCommand(newCommand('list', 'which keys are published, which one signs').action(list))
  parent.addCommand(
    newCommand(
      'rotate',
      'publish a new key, which takes over once all services have fetched it; nobody is logged out',
    )
      .option('--now', 'take over within seconds, for verifiers that ask when they meet an unknown key')
      .action(rotate),
  )
  return parent
}
