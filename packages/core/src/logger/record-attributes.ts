import { formatFlags } from '../flags.js';
import { ATTR_DESTINATIONS, ATTR_LAKE_RATE } from '../resource.js';
import type { SafeValue } from '../safe-value.js';
import type { LogLine } from './line.js';

/** Log record attributes that become fields of the event's trace context. */
export const ID_ATTRIBUTES = {
  correlationId: 'unhinged.correlation.id',
  requestId: 'unhinged.request.id',
  sessionId: 'session.id',
  userId: 'user.id',
} as const;

/** Log record attribute: part of the service that logged. */
export const ATTR_COMPONENT = 'unhinged.component';
/** Log record attribute: causes of the error, outermost first, each `{ type, message, stack }`. */
export const ATTR_EXCEPTION_CAUSES = 'unhinged.exception.causes';

/**
 * Attributes of the OTLP log record of a line, the same from every runtime: metadata under its own keys, `exception.*`, ids,
 * destinations and lake rate. Body, time, severity and trace ids are fields of the record itself.
 */
export function recordAttributes(line: LogLine): Record<string, SafeValue> {
  const attributes: Record<string, SafeValue> = { ...line.metadata };
  if (line.component !== '') attributes[ATTR_COMPONENT] = line.component;
  if (line.error) {
    attributes['exception.type'] = line.error.type;
    attributes['exception.message'] = line.error.message;
    if (line.error.stack !== '') attributes['exception.stacktrace'] = line.error.stack;
    if (line.error.causes.length > 0) {
      attributes[ATTR_EXCEPTION_CAUSES] = line.error.causes.map(({ type, message, stack }) => ({
        type,
        message,
        stack,
      }));
    }
  }
  for (const key of idKeys) {
    const id = line.ids[key];
    if (id !== undefined) attributes[ID_ATTRIBUTES[key]] = id;
  }
  attributes[ATTR_DESTINATIONS] = formatFlags(line.destinations);
  if (line.lakeRate > 0) attributes[ATTR_LAKE_RATE] = line.lakeRate;
  return attributes;
}

const idKeys = Object.keys(ID_ATTRIBUTES) as (keyof typeof ID_ATTRIBUTES)[];
