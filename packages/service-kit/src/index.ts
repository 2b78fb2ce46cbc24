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
} from './auth.ts'
export { ConfigError, loadConfig } from './config.ts'
export { decodeCursor, encodeCursor, PageQuery } from './cursor.ts'
export { headerComponents, problemSchema } from './document.ts'
export { sendMetrics, type OwnPath, type ReadyChecks } from './health.ts'
export { ImportReport, newImportReport, rejectLine } from './import-report.ts'
export { createLogger, type Logger } from './logger.ts'
export { Kinds, notFound, Problem, ProblemBody, renderProblem, sendProblem } from './problem.ts'
export type { FieldError, ProblemExtra, ProblemKind } from './problem.ts'
export { problemOf } from './problem-of.ts'
export { describeProblems, problemResponses } from './problem-responses.ts'
export { IdempotencyKey, IfMatch, IfMatchHeaders } from './request-headers.ts'
export { run, type Step } from './run.ts'
export { createServer, type Server, type ServerOptions } from './server.ts'
export { dataSettings, internalToken, processSettings, userUrl } from './settings.ts'
export { compileSchema, fieldErrors } from './validation.ts'
export { etagOf, requireMatch } from './versions.ts'
