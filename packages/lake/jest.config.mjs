import { base } from '../../jest.base.mjs';

export default { displayName: 'lake', ...base('node', ['node', 'node-addons']) };
