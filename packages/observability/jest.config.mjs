import { base } from '../../jest.base.mjs';

export default { displayName: 'observability', ...base('node', ['node', 'node-addons']) };
