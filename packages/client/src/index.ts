export { ApiError, expectOk } from './api-error.ts'
export { openHttp, type Answer, type Http } from './http.ts'
export type { Call, Raw, ResponseBody, Schema } from './operations.ts'
export { openShop, type Requester, type Shop } from './shop.ts'
