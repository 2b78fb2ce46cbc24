import { relative } from 'node:path'
import type { RunFile } from '../stack/run-file.ts'
import { readJson } from '../files.ts'
import { originLabels } from '../servers/handle.ts'
import { runFileOf } from '../stack/run-file.ts'

const lineFor = (name: string, value: string): string => `  ${name.padEnd(11)}${value}`

/** What a person needs to know of a running shop. */
export const startupSummary = (run: RunFile, dataDir: string): string => {
  const { mysql, rabbitmq } = run.servers
  const { admin, customer } = run.logins
  const data = relative(process.cwd(), dataDir) || dataDir
  return [
    '',
    lineFor('API', run.gatewayUrl),
    lineFor('Docs', run.docsUrl),
    lineFor('Admin', `${admin.email}  ${admin.password}`),
    ...(run.mailboxUrl ? [lineFor('Mails', run.mailboxUrl)] : []),
    ...(customer ? [lineFor('Customer', `${customer.email}  ${customer.password}`)] : []),
    lineFor(
      'Servers',
      `${mysql.version} ${originLabels[mysql.origin]}, ${rabbitmq.version} ${originLabels[rabbitmq.origin]}`,
    ),
    lineFor('Logs', `${data}/logs/ (for scripts, all of this is in ${data}/run.json)`),
    lineFor('Stop', 'Ctrl-C here, or npm run stop; npm run reset also deletes the data'),
    '',
  ].join('\n')
}

export const readRunFile = (dataDir: string): RunFile | undefined => readJson<RunFile>(runFileOf(dataDir))
