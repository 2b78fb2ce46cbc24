export * from './auth.ts'
export * from './http.ts'
export * from './openapi.ts'
export * from './run.ts'
