import { fileURLToPath } from 'node:url';

// Shared by the jest.config.mjs of each package. Tests run as native ES modules, the form that ships.
export const base = (environment, conditions) => ({
  // A limit for what hangs, not a claim about speed: the machine may be busy.
  testTimeout: 60_000,
  testEnvironment: environment,
  setupFiles: [fileURLToPath(new URL('jest.setup.mjs', import.meta.url))],
  testEnvironmentOptions: { customExportConditions: ['@unhinged/source', ...conditions] },
  testMatch: ['<rootDir>/src/**/*.test.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: {
          target: 'es2022',
          parser: { syntax: 'typescript' },
          // `import … with { type: 'json' }` has to reach Node.
          experimental: { keepImportAttributes: true },
        },
        module: { type: 'es6' },
        sourceMaps: 'inline',
      },
    ],
  },
  coverageDirectory: '<rootDir>/coverage',
  collectCoverageFrom: ['src/**/*.ts', '!src/gen/**', '!src/**/*.test.ts'],
});
