import { base } from '../jest.base.mjs';

// End-to-end tests play against the built commands, as a user has them.
export default {
  displayName: 'e2e',
  ...base('node', ['node', 'node-addons']),
  testEnvironmentOptions: {},
  testMatch: ['<rootDir>/**/*.test.ts', '<rootDir>/**/*.test.mjs'],
  // Those of the whole architecture run by jest.stack.config.mjs.
  testPathIgnorePatterns: ['/node_modules/', '<rootDir>/e2e/stack/'],
  // One at a time: each starts a whole system.
  maxWorkers: 1,
  testTimeout: 180_000,
};
