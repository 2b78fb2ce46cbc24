import type { Db } from '../database.ts'
import type { Plan } from '../search/plan.ts'
import { isBefore, type Candidate, type SearchResult } from '../search/search-products.ts'
import { BEGINNING, rankDocuments, readWindow } from '../search/windows.ts'
import {
  chooseDriver,
  type Counts,
  type Driver,
  type Filter,
  type ListPage,
  type ListQuery,
  type Position,
} from './product-list.ts'
import { countSets } from './queries.ts'
import { listDocuments, listMatching, listSummaries } from './relevance-queries.ts'

const CANDIDATES_PER_ITEM = 4
const AT_ONCE = 800
const WINDOWS = 4

type Placed = Candidate & { window: Candidate }

const toPosition = ({ id, score, window }: Placed): Position => ({ value: score, id, window })

const isBehind = (after: Position | undefined) => (candidate: Candidate) =>
  !after || isBefore({ id: after.id, score: Number(after.value) }, candidate)

const listPassing = async (db: Db, list: ListQuery, candidates: Candidate[], most: number, first: number) => {
  const passing: Candidate[] = []
  for (let at = 0; at < candidates.length && passing.length < most;) {
    const size = at === 0 ? first : AT_ONCE
    const part = candidates.slice(at, at + size)
    at += size
    const rows = await listMatching(
      db,
      list,
      part.map(({ id }) => id),
    )
    const ids = new Set(rows.map(({ id }) => id))
    passing.push(...part.filter(({ id }) => ids.has(id)))
  }
  return passing.slice(0, most)
}

const show = async (db: Db, list: ListQuery, shown: Placed[], next: Position | null): Promise<ListPage> => {
  if (shown.length === 0) return { rows: [], next }
  const currencies = list.scope.currency === '' ? ['', list.shown] : [list.shown]
  const ids = shown.map(({ id }) => id)
  const summaries = new Map<string, ListPage['rows'][number]>()
  for (const row of await listSummaries(db, ids, currencies))
    if (row.currency !== '' || !summaries.has(row.id)) summaries.set(row.id, row)
  return { rows: ids.flatMap((id) => summaries.get(id) ?? []), next }
}

const cut = (db: Db, list: ListQuery, found: Placed[]) => {
  const shown = found.slice(0, list.limit)
  const last = shown.at(-1)
  return show(db, list, shown, found.length > list.limit && last ? toPosition(last) : null)
}

const inOneWindow = (candidates: Candidate[]): Placed[] =>
  candidates.map((candidate) => ({ ...candidate, window: BEGINNING }))

const positionIn = (plan: Plan, { after }: ListQuery) => {
  if (!after) return BEGINNING
  const window = after.window ?? BEGINNING
  const last = { id: after.id, score: Number(after.value) }
  return plan.isSimple && isBefore(window, last) ? last : window
}

const findInWindows = async (db: Db, list: ListQuery, plan: Plan, sizes: number[]) => {
  const found: Placed[] = []
  let window = positionIn(plan, list)
  let after = list.after
  let tried = (list.limit + 1) * CANDIDATES_PER_ITEM
  for (const size of sizes) {
    const { candidates, end } = await readWindow(db, plan, window, size)
    const rest = candidates.filter(isBehind(after))
    const passing = await listPassing(db, list, rest, list.limit + 1 - found.length, tried)
    for (const candidate of passing) found.push({ ...candidate, window })
    if (found.length > list.limit || !end) return cut(db, list, found)
    window = end
    after = undefined
    tried = AT_ONCE
  }
  return show(db, list, found, toPosition({ ...BEGINNING, window }))
}

const findAmong = async (db: Db, list: ListQuery, plan: Plan, driver: Driver) => {
  const candidates = rankDocuments(plan, await listDocuments(db, list, driver, plan))
  return cut(db, list, inOneWindow(candidates.filter(isBehind(list.after))))
}

const isOther = ({ kind }: Filter) => kind !== 'words'

const findBroad = async (db: Db, query: ListQuery, plan: Plan, known?: Counts): Promise<ListPage> => {
  const list = { ...query, filters: query.filters.filter(isOther) }
  const { firstWindow, window } = list.searchLimits
  const first = plan.isSimple ? [firstWindow] : []
  const windows = Array.from({ length: WINDOWS }, () => window)
  if (list.filters.length === 0 && !list.scope.category && list.scope.status === 'published')
    return findInWindows(db, list, plan, [...first, ...windows])
  // Where words are left out, a driver would find more products, in another order than the windows before it.
  if (plan.isSimple && !plan.isCut && !known) {
    const page = await findInWindows(db, list, plan, first)
    if (page.rows.length === list.limit || !page.next) return page
  }
  const counts = known
    ? { ...known, filters: known.filters.filter((_count, index) => isOther(query.filters[index]!)) }
    : await countSets(db, list)
  const driver = chooseDriver(list.filters, counts)
  return driver ? findAmong(db, list, plan, driver) : findInWindows(db, list, plan, windows)
}

export const findRelevant = async (
  db: Db,
  list: ListQuery,
  search: SearchResult,
  known?: Counts,
): Promise<ListPage> => {
  if (search.kind === 'broad') return findBroad(db, list, search.plan, known)
  const rest = search.candidates.filter(isBehind(list.after))
  const first = (list.limit + 1) * CANDIDATES_PER_ITEM
  return cut(db, list, inOneWindow(await listPassing(db, list, rest, list.limit + 1, first)))
}
