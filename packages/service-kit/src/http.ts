export { problemResponses, defineProblems } from './http/define-problems.ts'
export { setSurrogateKey } from './http/etag.ts'
export { sendMetrics } from './http/health.ts'
export {
  IdempotencyHeaders,
  IdempotencyKey,
  OptionalIdempotencyHeaders,
  withIdempotency,
  type IdempotentCall,
} from './http/idempotency.ts'
export { etagOf, IfMatch, IfMatchHeaders, requireMatch, withEtag } from './http/if-match.ts'
export { ImportReport, newImportReport, rejectLine } from './http/import-report.ts'
export { requestDuration } from './http/metrics.ts'
export { defineCursor, invalidCursor, pageOf, PageQuery } from './http/pages.ts'
export { notFound, Problem, renderProblem, sendProblem, type ProblemExtra } from './http/problem.ts'
export type { FieldError } from './http/problem-kinds.ts'
export { requestIdOf } from './http/request-correlation.ts'
export { createServer } from './http/server.ts'
export type { OverridablePath, ReadyChecks, Server, ServerOptions } from './http/server-types.ts'
export { toProblem } from './http/to-problem.ts'
export { compileSchema, fieldErrors } from './schema/validation.ts'
