import { Type, type Static } from 'typebox'
import type { FieldError } from './problem.ts'

const LISTED = 1_000

/** The answer to every import. */
export const ImportReport = Type.Object({
  created: Type.Integer(),
  updated: Type.Integer(),
  unchanged: Type.Integer(),
  rejected: Type.Array(
    Type.Object({
      line: Type.Integer(),
      errors: Type.Array(Type.Object({ path: Type.String(), message: Type.String() })),
    }),
    { description: `the first ${LISTED}` },
  ),
  rejectedCount: Type.Integer({ description: 'all of them' }),
})
export type ImportReport = Static<typeof ImportReport>

/** An empty report, to be counted up while the import streams. */
export const newImportReport = (): ImportReport => ({
  created: 0,
  updated: 0,
  unchanged: 0,
  rejected: [],
  rejectedCount: 0,
})

/** Counts a refused line, and lists it while there is room. */
export const rejectLine = (report: ImportReport, line: number, errors: FieldError[]) => {
  report.rejectedCount += 1
  if (report.rejected.length < LISTED) report.rejected.push({ line, errors })
}
