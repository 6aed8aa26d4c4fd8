import { base } from '../../jest.base.mjs';

// Not UTC, and not on a whole hour: a test that takes local time for UTC must fail.
process.env.TZ = 'Asia/Kolkata';

export default { displayName: 'core', ...base('node', ['node', 'node-addons']) };
