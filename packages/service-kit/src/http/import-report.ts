import { Type, type Static } from 'typebox'
import { FieldErrorShape, type FieldError } from './problem-kinds.ts'

const LISTED = 1_000
/** Per line: a report stays small whatever the file is. */
const ERRORS_LISTED = 10

const Count = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })

export const ImportReport = Type.Object(
  {
    created: Count,
    updated: Count,
    unchanged: Count,
    rejected: Type.Array(
      Type.Object({
        line: Type.Integer({
          minimum: 1,
          maximum: Number.MAX_SAFE_INTEGER,
          description: 'of the file, from 1',
        }),
        errors: Type.Array(FieldErrorShape, { maxItems: ERRORS_LISTED }),
      }),
      { maxItems: LISTED, description: `the first ${LISTED}` },
    ),
    rejectedCount: Type.Integer({
      minimum: 0,
      maximum: Number.MAX_SAFE_INTEGER,
      description: 'all that were rejected',
    }),
  },
  {
    title: 'ImportReport',
    examples: [
      {
        created: 118,
        updated: 3,
        unchanged: 0,
        rejected: [{ line: 17, errors: [{ path: 'price', message: 'is not a price like 12.99' }] }],
        rejectedCount: 1,
      },
    ],
  },
)
export type ImportReport = Static<typeof ImportReport>

export const newImportReport = (): ImportReport => ({
  created: 0,
  updated: 0,
  unchanged: 0,
  rejected: [],
  rejectedCount: 0,
})

/** Counts a rejected line, and lists it where there are not too many; returns it as it is listed. */
export const rejectLine = (report: ImportReport, line: number, errors: FieldError[]) => {
  const rejected = { line, errors: errors.slice(0, ERRORS_LISTED) }
  report.rejectedCount += 1
  if (report.rejected.length < LISTED) report.rejected.push(rejected)
  return rejected
}
