import { base } from '../../jest.base.mjs';

export default {
  displayName: 'console',
  ...base('node', ['node']),
};
