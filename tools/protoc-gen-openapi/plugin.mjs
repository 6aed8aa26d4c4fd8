import { create, createFileRegistry } from '@bufbuild/protobuf';
import { CodeGeneratorResponseSchema, FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';

import { buildDocument } from './document.mjs';

/** Bit 0 of supported_features: proto3 `optional`. */
const PROTO3_OPTIONAL = 1n;

/**
 * What the document says that the .proto does not.
 * @typedef {object} Options
 * @property {string} out File to write. Default openapi.json.
 * @property {string} title Default: the service's name.
 * @property {string} version Of the API. Default 0.0.0.
 * @property {string | undefined} error Full name of the message that every answer other than 2xx carries.
 */

/**
 * Reads `title=Chat,error=pkg.Error`.
 * @param {string} parameter
 * @returns {Partial<Options>}
 */
export function parseOptions(parameter) {
  const known = ['out', 'title', 'version', 'error'];
  const options = {};
  for (const pair of parameter.split(',').filter((text) => text !== '')) {
    const [key, ...value] = pair.split('=');
    if (!known.includes(key)) {
      throw new Error(`protoc-gen-openapi: unknown option "${key}"; known are ${known.join(', ')}`);
    }
    options[key] = value.join('=');
  }
  return options;
}

/** One OpenAPI 3.1 document for all services of the files to generate. */
export const plugin = {
  name: 'protoc-gen-openapi',
  version: 'v1',
  run(request) {
    const options = { out: 'openapi.json', version: '0.0.0', ...parseOptions(request.parameter) };
    const registry = createFileRegistry(create(FileDescriptorSetSchema, { file: request.protoFile }));
    const services = request.fileToGenerate.flatMap((name) => registry.getFile(name)?.services ?? []);
    const content = `${JSON.stringify(buildDocument(registry, services, options), null, 2)}\n`;
    return create(CodeGeneratorResponseSchema, {
      supportedFeatures: PROTO3_OPTIONAL,
      file: services.length === 0 ? [] : [{ name: options.out, content }],
    });
  },
};
