export {
  authOf,
  createTokenCheck,
  hasPermission,
  requireInternal,
  requirePermission,
  requireUser,
  requireUserOr,
  type Auth,
  type AuthOptions,
  type CheckToken,
} from './auth/auth.ts'
export { ConfigError, loadConfig } from './run/config.ts'
export { decodeCursor, encodeCursor, PageQuery } from './http/pages.ts'
export { headerComponents, problemSchema } from './openapi/document.ts'
export { sendMetrics, type OwnPath, type ReadyChecks } from './http/health.ts'
export { ImportReport, newImportReport, rejectLine } from './http/import-report.ts'
export { createLogger, type Logger } from './run/logger.ts'
export { Kinds, notFound, Problem, ProblemBody, renderProblem, sendProblem } from './http/problem.ts'
export type { FieldError, ProblemExtra, ProblemKind } from './http/problem.ts'
export { problemOf } from './http/to-problem.ts'
export { describeProblems, problemResponses } from './openapi/problem-responses.ts'
export { IdempotencyKey, IfMatch, IfMatchHeaders } from './http/request-headers.ts'
export { run, type Step } from './run/run.ts'
export { createServer, type Server, type ServerOptions } from './http/server.ts'
export { dataSettings, internalToken, processSettings, userUrl } from './run/base-config.ts'
export { compileSchema, fieldErrors } from './schema/validation.ts'
export { etagOf, requireMatch } from './http/if-match.ts'
