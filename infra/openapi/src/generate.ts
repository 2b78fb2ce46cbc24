import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { openApiYaml } from './document.ts'

// `--check` fails where the committed file differs from what the services' schemas describe; without it the file is
// written.
const file = join(import.meta.dirname, '..', '..', '..', 'openapi.yaml')
const content = await openApiYaml()
if (!process.argv.includes('--check')) writeFileSync(file, content)
else if (!existsSync(file) || readFileSync(file, 'utf8') !== content) {
  process.stderr.write('Out of date; run `npm run gen`:\n  openapi.yaml\n')
  process.exitCode = 1
}
