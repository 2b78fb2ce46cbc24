// What a service's source may not load at run time, types are free to cross (`import type` loads nothing).
const loads = { dependencyTypesNot: ['type-only'] }
const TEST_CODE = '(^|/)test/|\\.test\\.ts$|^tests-e2e/|^packages/testing/'

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: 'no-cycle',
      comment: 'Two files that need each other, be it for a type, are one file or hide a third.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-folder-cycle',
      comment: 'Within a service the features depend on each other in one direction.',
      severity: 'error',
      scope: 'folder',
      from: { path: '^services/[^/]+/src/.+' },
      to: { circular: true, path: '^services/[^/]+/src/.+' },
    },
    {
      name: 'queries-only-from-their-folder',
      comment: "A feature's SQL is its own; others call its use cases.",
      severity: 'error',
      from: { path: '^(services/[^/]+/src/.+)/[^/]+$' },
      to: { path: 'queries[.]ts$', pathNot: '^$1/[^/]+$' },
    },
    {
      name: 'queries-only-from-their-folder',
      severity: 'error',
      from: { path: '^(services/[^/]+/src)/[^/]+$' },
      to: { path: 'queries[.]ts$', pathNot: '^$1/[^/]+$' },
    },
    {
      name: 'not-found',
      comment: 'An import that resolves to nothing: a rule about it could not work.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'no-service-to-service',
      comment: 'Services know each other by events and `/internal` paths only.',
      severity: 'error',
      from: { path: '^services/([^/]+)/' },
      to: { path: '^services/', pathNot: '^services/$1/' },
    },
    {
      name: 'packages-know-no-service',
      comment:
        "What all build on depends on none of them. Only the operators' CLI reads what a service offers it: the audit's queries, and the rebuild of listings.",
      severity: 'error',
      from: { path: '^packages/', pathNot: '^packages/ops/src/' },
      to: { path: '^services/' },
    },
    {
      name: 'packages-know-no-service',
      severity: 'error',
      from: { path: '^packages/ops/src/' },
      to: {
        path: '^services/',
        pathNot: [
          '^services/[^/]+/src/(invariants/)?invariant-queries\\.ts$',
          '^services/catalog/src/products/rebuild-listings\\.ts$',
        ],
      },
    },
    {
      name: 'only-the-audit-reads-invariants',
      comment: 'The queries of the audit read a whole schema in one snapshot: nothing for a running service.',
      severity: 'error',
      from: { pathNot: ['^packages/ops/src/audit/', '^services/[^/]+/src/invariants/', TEST_CODE] },
      to: { path: '(^|/)src/invariants/|(^|/)invariant-queries\\.ts$' },
    },
    {
      name: 'contracts-stay-pure',
      comment: 'Everybody imports the contracts, so they may cost nobody anything: typebox alone.',
      severity: 'error',
      from: { path: '^packages/contracts/src/', pathNot: TEST_CODE },
      to: { pathNot: '^packages/contracts/src/|(^|/)node_modules/typebox/' },
    },
    {
      name: 'packages-keep-their-rank',
      comment:
        'contracts, database, runtime < messaging < service-kit. The kit takes correlation and subscriptions; only its service/ wires the broker.',
      severity: 'error',
      from: {
        path: '^packages/(contracts|database|runtime|messaging|service-kit)/src/',
        pathNot: ['^packages/service-kit/src/service/', TEST_CODE],
      },
      to: {
        path: '^(packages|services|infra)/',
        pathNot: [
          '^packages/$1/',
          '^packages/(contracts|database|runtime)/',
          '^packages/messaging/src/(correlation|subscriptions)\\.ts$',
        ],
      },
    },
    {
      name: 'http-loads-without-the-broker',
      comment:
        'Servers, documents and their tests need no amqplib: only `/run` leads to the wiring of a whole service.',
      severity: 'error',
      from: {
        path: '^packages/service-kit/src/',
        pathNot: ['^packages/service-kit/src/(service/|run\\.ts$)', TEST_CODE],
      },
      to: { path: '^packages/service-kit/src/service/' },
    },
    {
      name: 'database-stands-alone',
      comment: 'Database and runtime know nothing of the shop; runtime needs no other package.',
      severity: 'error',
      from: { path: '^packages/(database|runtime)/src/', pathNot: TEST_CODE },
      to: { path: '^(packages|services|infra)/', pathNot: '^packages/($1|runtime)/' },
    },
    {
      name: 'sql-only-in-queries',
      comment:
        'All SQL of a feature stands in one place; eslint adds that queries are not built elsewhere either.',
      severity: 'error',
      from: { path: '^services/[^/]+/src/', pathNot: ['queries\\.ts$', TEST_CODE] },
      to: { path: '(^|/)node_modules/kysely/', ...loads },
    },
    {
      name: 'fastify-only-at-the-edge',
      comment: 'HTTP ends in the routes; what is below can be called by a consumer as well.',
      severity: 'error',
      from: { path: '^services/[^/]+/src/', pathNot: ['(^|[/-])(app|routes)\\.ts$', TEST_CODE] },
      to: { path: '(^|/)node_modules/(fastify|@fastify/[^/]+)/', ...loads },
    },
    ...[
      { driver: 'mysql2', owner: 'database' },
      { driver: 'amqplib', owner: 'messaging' },
    ].map(({ driver, owner }) => ({
      name: `drivers-behind-their-package-${driver}`,
      comment: `The traps of ${driver} are known in one place.`,
      severity: 'error',
      from: { pathNot: `^packages/${owner}/` },
      to: { path: `(^|/)node_modules/${driver}/` },
    })),
    {
      name: 'test-code-stays-in-tests',
      comment: 'Production code must start without what only tests install.',
      severity: 'error',
      from: { path: '^(packages|services|infra)/', pathNot: TEST_CODE },
      to: { path: [TEST_CODE, '(^|/)node_modules/vitest/'] },
    },
    {
      name: 'source-needs-no-dev-dependencies',
      comment: 'Images install without them.',
      severity: 'error',
      from: { path: '^(packages|services)/[^/]+/(src|migrations)/', pathNot: TEST_CODE },
      to: { dependencyTypes: ['npm-dev'], ...loads },
    },
    {
      name: 'nobody-imports-an-entry',
      comment: 'main.ts starts a process as soon as it is loaded.',
      severity: 'error',
      from: {},
      to: { path: '^(packages|services)/[^/]+/src/main\\.ts$' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)\\.data/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default'] },
  },
}
