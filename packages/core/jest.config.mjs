import { base } from '../../jest.base.mjs';

export default { displayName: 'core', ...base('node', ['node', 'node-addons']) };
