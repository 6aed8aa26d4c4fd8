import { base } from '../../jest.base.mjs';

export default { displayName: 'processor', ...base('node', ['node', 'node-addons']) };
