export { ApiError, expectOk, type ProblemBody } from './api-error.ts'
export { openHttp, type Answer, type Call, type Http, type Raw } from './http.ts'
export type * from './shapes.ts'
export { openShop, type PlaceOrder, type Requester, type Shop } from './shop.ts'
