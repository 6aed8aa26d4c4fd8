import config from './jest.config.mjs';

// What needs the servers of the whole architecture: `npm run e2e`. They take longer to build than all of `npm test`.
export default {
  ...config,
  displayName: 'stack',
  testMatch: ['<rootDir>/e2e/stack/**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/'],
  testTimeout: 300_000,
};
