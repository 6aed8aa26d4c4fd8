import type { ReadableSpan } from '@opentelemetry/sdk-trace-base';

/**
 * Attribute by which a program says what kind of operation a request is: `business`, `auth`, `pay`, or another class of the policy.
 * `/ws` sets `websocket` by itself.
 */
export const ATTR_OPERATION_CLASS = 'unhinged.operation.class';

/** The class of a local root, by which the policy may give it a rate of its own. */
export function operationClass(root: ReadableSpan): string | undefined {
  const given = root.attributes[ATTR_OPERATION_CLASS];
  return typeof given === 'string' ? given : undefined;
}
