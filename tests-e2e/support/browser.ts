import { existsSync } from 'node:fs'
import { chromium } from 'playwright-core'

const executablePath = [
  process.env['CHROMIUM'],
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
].find((path) => path !== undefined && existsSync(path))

/** Whether this machine has a browser: one of the usual, or the one that CHROMIUM names. */
export const hasBrowser = executablePath !== undefined

export const launchBrowser = () =>
  chromium.launch({ executablePath: executablePath ?? '', args: ['--no-sandbox'] })
