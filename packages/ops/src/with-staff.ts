import { openShop, type Shop } from '@storewright/client'
import type { CommonOptions } from './cli.ts'
import { readConfig, requireSetting } from './config.ts'

/** Logs the administrator in and closes the connections when `work` is done. */
export const withStaff = async <T>(
  flags: CommonOptions,
  work: (shop: Shop, token: string) => Promise<T>,
): Promise<T> => {
  const config = readConfig(flags)
  const { email, password } = requireSetting(config, 'admin')
  const shop = openShop({ gateways: [flags.gateway ?? requireSetting(config, 'gatewayUrl')] })
  try {
    const { tokens } = await shop.logIn(email, password)
    return await work(shop, tokens.accessToken)
  } finally {
    await shop.close()
  }
}
