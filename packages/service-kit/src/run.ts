export { dataSettings, internalToken, processSettings, serviceUrl } from './run/base-config.ts'
export { ConfigError, loadConfig } from './run/config.ts'
export { createLogger, type Logger } from './run/logger.ts'
export { run, type Step } from './run/run.ts'
