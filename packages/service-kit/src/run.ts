export {
  dataSettings,
  defaultCurrency,
  enabledPaymentProviders,
  internalToken,
  paymentSettings,
  processSettings,
  serviceUrl,
} from './run/base-config.ts'
export { ConfigError, loadConfig } from './run/config.ts'
export { createLogger, type Logger } from './run/logger.ts'
export { run, type Component } from './run/run.ts'
export {
  composeService,
  inStartOrder,
  type Service,
  type ServiceResources,
} from './service/compose-service.ts'
export {
  buildUnconnected,
  startService,
  type BaseConfig,
  type ServiceDefinition,
} from './service/start-service.ts'
