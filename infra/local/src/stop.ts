import { print, runCommand } from './reporting.ts'
import { stopShop } from './cli/shut-down.ts'
import { defaultDataDir } from './files.ts'

await runCommand(async () => {
  const ended = await stopShop(defaultDataDir)
  print(ended ? 'Stopped. The data is kept; npm start goes on with it.' : 'Nothing was running.')
})
