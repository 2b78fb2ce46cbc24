/** The services that own data and take part in the events. */
export const SERVICES = ['user', 'catalog', 'inventory', 'order', 'notification'] as const
export type Service = (typeof SERVICES)[number]

/** The service that a consumer group belongs to. */
export const serviceOf = (group: string) => group.split('.')[0] ?? ''
