import type { ReadableSpan } from '@opentelemetry/sdk-trace-base';
import type { OperationClasses } from '@unhinged/observability-core';

/**
 * Attribute by which a program says what kind of operation a request is: `business`, `auth`, `pay`, or another class of the policy.
 * `/ws` sets `websocket` by itself.
 */
export const ATTR_OPERATION_CLASS = 'unhinged.operation.class';

/** The class of a local root, by which the policy may give it a rate of its own: what the program says, else the policy's rules. */
export function operationClass(root: ReadableSpan, rules?: OperationClasses): string | undefined {
  const { attributes, name } = root;
  const given = attributes[ATTR_OPERATION_CLASS];
  if (typeof given === 'string') return given;
  return rules?.of({ route: routeOf(attributes), method: text(attributes['http.request.method']), name });
}

function routeOf(attributes: ReadableSpan['attributes']): string | undefined {
  const { 'rpc.service': service, 'rpc.method': method } = attributes;
  if (typeof service === 'string' && typeof method === 'string') return `/${service}/${method}`;
  return text(attributes['http.route']) ?? text(attributes['url.path']);
}

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
