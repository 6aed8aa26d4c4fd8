import { base } from '../../jest.base.mjs';

const config = base('node', ['node', 'node-addons']);
const [[pattern, [transformer, options]]] = Object.entries(config.transform);

export default {
  displayName: 'demo',
  ...config,
  // The gateway imports its OpenAPI document `with { type: 'json' }`, which swc drops unless told otherwise.
  transform: {
    [pattern]: [
      transformer,
      { ...options, jsc: { ...options.jsc, experimental: { keepImportAttributes: true } } },
    ],
  },
};
