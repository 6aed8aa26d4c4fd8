export type * from './console-api.js';
