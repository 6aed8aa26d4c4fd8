import { getOption, hasOption } from '@bufbuild/protobuf';

/**
 * How one RPC is reached over HTTP.
 * @typedef {object} Binding
 * @property {string} method get, post, put, patch, delete.
 * @property {string} path OpenAPI path, for example /rooms/{room}/messages.
 * @property {string[]} parameters Proto names of the fields in the path.
 * @property {string} body '' none, '*' every field that is not in the path, else the proto name of a field.
 * @property {string} responseBody '' the whole response, else the proto name of a field.
 */

/**
 * The bindings of google.api.http on an RPC, the additional ones last; none when it has no annotation.
 * Source: google/api/http.proto.
 * @returns {Binding[]}
 */
export function httpBindings(registry, rpc) {
  const extension = registry.getExtension('google.api.http');
  if (extension === undefined || !hasOption(rpc, extension)) return [];
  const rule = getOption(rpc, extension);
  return [rule, ...rule.additionalBindings].map((each) => toBinding(rpc, each));
}

function toBinding(rpc, rule) {
  const where = `${rpc.parent.typeName}.${rpc.name}`;
  const { case: verb, value } = rule.pattern;
  if (verb === undefined || verb === 'custom') {
    throw new Error(`${where}: google.api.http must name get, put, post, delete or patch`);
  }
  const parameters = [];
  const path = value.replace(/\{([^}=]+)(?:=([^}]*))?\}/g, (_match, field, pattern) => {
    if (pattern !== undefined && pattern !== '*') {
      throw new Error(
        `${where}: {${field}=${pattern}} spans path segments, which OpenAPI cannot say; use {${field}}`,
      );
    }
    parameters.push(field);
    return `{${field}}`;
  });
  return { method: verb, path, parameters, body: rule.body, responseBody: rule.responseBody };
}
