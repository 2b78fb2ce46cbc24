import { defineConfig } from 'eslint/config'
import tseslint from 'typescript-eslint'

const QUERY_STARTS = '/^(selectFrom|insertInto|updateTable|deleteFrom|replaceInto)$/'

/** The environment is read in one place per process, where all of its faults are reported at once. */
const noEnvironment = {
  object: 'process',
  property: 'env',
  message: 'Read the environment in config.ts and pass the values in.',
}

const noHalfTests = ['it', 'test', 'describe'].flatMap((object) =>
  ['only', 'skip', 'todo'].map((property) => ({
    object,
    property,
    message: 'A test runs, or does not exist.',
  })),
)

export default defineConfig(
  { ignores: ['**/node_modules', '.data', 'packages/contracts/snapshot', '**/*.gen.ts'] },
  {
    // What a rule forbids stays forbidden.
    linterOptions: { noInlineConfig: true, reportUnusedDisableDirectives: 'error' },
  },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      // A lost await is a lost message.
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/return-await': ['error', 'error-handling-correctness-only'],
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/no-import-type-side-effects': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/ban-ts-comment': ['error', { 'ts-expect-error': true }],
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      // Our objects are made of closures; there is no `this` to lose.
      '@typescript-eslint/unbound-method': 'off',
      // Handlers are async because their caller awaits them, whether or not they do.
      '@typescript-eslint/require-await': 'off',
      eqeqeq: 'error',
      'no-console': 'error',
      'no-restricted-properties': ['error', noEnvironment],
    },
  },
  {
    files: ['services/*/src/**/*.ts'],
    ignores: ['**/*queries.ts'],
    rules: {
      'no-restricted-syntax': [
        'error',
        {
          selector: `CallExpression[callee.property.name=${QUERY_STARTS}]`,
          message: "SQL belongs in the feature's queries.ts.",
        },
      ],
    },
  },
  {
    files: [
      '**/config.ts',
      'infra/**/*.ts',
      'packages/{ops,replay}/**/*.ts',
      'packages/testing/src/servers.ts',
      'tests-e2e/**/*.ts',
      'examples/**/*.ts',
      'vitest.config.ts',
      '**/test/**/*.ts',
    ],
    rules: { 'no-restricted-properties': 'off' },
  },
  {
    files: ['**/*.test.ts'],
    rules: {
      'no-restricted-properties': ['error', ...noHalfTests],
      // Matchers such as `expect.any(String)` are typed as any.
      '@typescript-eslint/no-unsafe-assignment': 'off',
    },
  },
  {
    // What talks to people at a terminal.
    files: [
      'infra/**/*.ts',
      'packages/{ops,replay}/**/*.ts',
      'packages/contracts/gen/**/*.ts',
      'tests-e2e/**/*.ts',
      'examples/**/*.ts',
    ],
    rules: { 'no-console': 'off' },
  },
)
