import { base } from '../jest.base.mjs';

// End-to-end tests play against the built commands, as a user has them.
export default {
  displayName: 'e2e',
  ...base('node', ['node', 'node-addons']),
  testEnvironmentOptions: {},
  testMatch: ['<rootDir>/**/*.test.ts', '<rootDir>/**/*.test.mjs'],
  // One at a time: each starts a whole system.
  maxWorkers: 1,
  testTimeout: 180_000,
};
