import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { consumerGroups, type EventContract } from '../src/index.ts'
import { groupsOf, serviceOf, type DocumentedEvent } from './list-events.ts'

const BLOCK = /(<!-- events: [^\n]* -->\n)([^]*?)(<!-- end of events -->)/

export const replaceBlock = (document: string, path: string, make: (previous: string) => string): string => {
  if (!BLOCK.test(document))
    throw new Error(`${path} needs the lines <!-- events: … --> and <!-- end of events -->`)
  return document.replace(
    BLOCK,
    (_, start: string, previous: string, end: string) => `${start}\n${make(previous)}\n${end}`,
  )
}

export const table = (header: string[], rows: string[][]): string => {
  const widths = header.map((_, column) =>
    Math.max(3, ...[header, ...rows].map((row) => row[column]?.length ?? 0)),
  )
  const line = (cells: string[]) =>
    `| ${widths.map((width, column) => (cells[column] ?? '').padEnd(width)).join(' | ')} |\n`
  return [line(header), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('')
}

const nameOf = ({ name, contract }: DocumentedEvent) =>
  contract.visibility === 'internal' ? `_${name}_` : name

const consumedBy = (events: DocumentedEvent[], service: string) =>
  Object.entries<readonly EventContract[]>(consumerGroups)
    .filter(([group]) => serviceOf(group) === service)
    .flatMap(([group, contracts]) =>
      contracts.map(({ type }) => ({ group, event: events.find(({ contract }) => contract.type === type)! })),
    )

const emittedBy = (events: DocumentedEvent[], service: string) =>
  events.filter(({ contract }) => contract.owner === service)

const rowsOf = (block: string) =>
  block
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .slice(2)
    .map((line) =>
      line
        .slice(1, -1)
        .split('|')
        .map((cell) => cell.trim()),
    )

/** The table of all services. Their names and what they own are written by hand in the table itself and kept. */
export const overview = (events: DocumentedEvent[], previous: string): string => {
  const rows = rowsOf(previous)
  const listed = rows.map(([service]) => service)
  const missing = events.map(({ contract }) => contract.owner).find((owner) => !listed.includes(owner))
  if (missing) throw new Error(`the table of services has no row for ${missing}`)
  return table(
    ['Service', 'Owns', 'Emits', 'Consumes'],
    rows.map(([service = '', owns = '']) => [
      service,
      owns,
      emittedBy(events, service).map(nameOf).join(', '),
      [...new Set(consumedBy(events, service).map(({ event }) => nameOf(event)))].join(', '),
    ]),
  )
}

export const serviceEvents = (events: DocumentedEvent[], service: string): string => {
  const emits = emittedBy(events, service).map((event) => [
    nameOf(event),
    groupsOf(event.contract.type).map(serviceOf).join(', '),
  ])
  const consumes = consumedBy(events, service).map(({ group, event }) => [
    nameOf(event),
    event.contract.owner,
    `\`${group}\``,
  ])
  return [
    ...(emits.length > 0 ? [table(['Emits', 'Consumed by'], emits)] : []),
    ...(consumes.length > 0 ? [table(['Consumes', 'Emitted by', 'Group'], consumes)] : []),
  ].join('\n')
}

export const documentsWithTables = (
  root: string,
  events: DocumentedEvent[],
): [path: string, content: string][] => {
  const services = new Set([
    ...events.map(({ contract }) => contract.owner),
    ...Object.keys(consumerGroups).map(serviceOf),
  ])
  const update = (path: string, make: (previous: string) => string): [string, string] => {
    const file = join(root, path)
    return [file, replaceBlock(readFileSync(file, 'utf8'), path, make)]
  }
  return [
    update('ARCHITECTURE.md', (previous) => overview(events, previous)),
    ...[...services]
      .sort()
      .map((service) => update(`services/${service}/README.md`, () => serviceEvents(events, service))),
  ]
}
