/** Kinds whose services do not define them themselves yet; this file goes when they do. */
export const serviceProblems = {
  // Identity.
  'email-taken': { status: 409, title: 'The e-mail address has an account already' },
  'invalid-credentials': { status: 401, title: 'E-mail or password is wrong' },
  'invalid-refresh-token': { status: 401, title: 'The refresh token is not valid' },
  'account-locked': { status: 429, title: 'Too many failed log-ins' },
  'account-disabled': { status: 403, title: 'The account is disabled' },
  'weak-password': { status: 422, title: 'The password is too easy to guess' },
  'wrong-password': { status: 403, title: 'The current password is another one' },
  'not-on-yourself': { status: 403, title: 'Not on your own account' },
  'beyond-your-permissions': { status: 403, title: 'More than you may do yourself' },
  'last-admin': { status: 409, title: 'The shop needs another administrator' },
  'invalid-one-time-token': { status: 422, title: 'The token is wrong, was used or has expired' },

  // Catalogue.
  'slug-taken': { status: 409, title: 'The slug is taken' },
  'sku-taken': { status: 409, title: 'The SKU is taken' },
  'unknown-category': { status: 422, title: 'There is no such category' },
  'category-cycle': { status: 422, title: 'A category cannot be below itself' },
  'category-in-use': { status: 409, title: 'The category is in use' },
  'currency-mismatch': { status: 422, title: 'The currencies differ' },

  // Stock.
  'unknown-sku': { status: 422, title: 'There is no such SKU' },
  'unknown-location': { status: 422, title: 'There is no such location' },
  'insufficient-stock': { status: 409, title: 'Not enough stock' },

  // Carts, orders, payments.
  'product-unavailable': { status: 422, title: 'The product cannot be bought' },
  'cart-empty': { status: 422, title: 'The cart is empty' },
  'cart-ordered': { status: 409, title: 'The cart was ordered already' },
  'total-changed': { status: 409, title: 'The total is not the expected one' },
  'unknown-shipping-method': { status: 422, title: 'There is no such shipping method' },
  'unknown-payment-provider': { status: 422, title: 'There is no such payment provider' },
  'wrong-state': { status: 409, title: 'Not possible in the present state' },
  'payment-unresolved': { status: 409, title: 'A payment attempt is still unresolved' },
  'bad-gateway': { status: 502, title: 'A part of the shop gave no proper answer' },
  'gateway-timeout': { status: 504, title: 'A part of the shop did not answer in time' },
} as const
