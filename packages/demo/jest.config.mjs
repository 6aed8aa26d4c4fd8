import { base } from '../../jest.base.mjs';

export default { displayName: 'demo', ...base('node', ['node', 'node-addons']) };
