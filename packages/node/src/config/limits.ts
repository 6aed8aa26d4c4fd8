import { text, type Env, type Report } from './read-env.js';

/** Bounds of what one span or log record may carry; undefined is the SDK's own default (128, no bound on length). */
export interface Limits {
  span: {
    attributeValueLengthLimit?: number;
    attributeCountLimit?: number;
    eventCountLimit?: number;
    linkCountLimit?: number;
    attributePerEventCountLimit?: number;
    attributePerLinkCountLimit?: number;
  };
  logRecord: { attributeValueLengthLimit?: number; attributeCountLimit?: number };
}

/** `OTEL_ATTRIBUTE_*`, under `OTEL_SPAN_*`, `OTEL_EVENT_*`, `OTEL_LINK_*` and `OTEL_LOGRECORD_*`. */
export function resolveLimits(env: Env, report: Report): Limits {
  const first = (...names: string[]): number | undefined => {
    for (const name of names) {
      const value = limit(env, name, report);
      if (value !== undefined) return value;
    }
    return undefined;
  };
  const length = 'OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT';
  const count = 'OTEL_ATTRIBUTE_COUNT_LIMIT';
  return {
    span: defined({
      attributeValueLengthLimit: first('OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT', length),
      attributeCountLimit: first('OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT', count),
      eventCountLimit: first('OTEL_SPAN_EVENT_COUNT_LIMIT'),
      linkCountLimit: first('OTEL_SPAN_LINK_COUNT_LIMIT'),
      // The SDK for JavaScript has only ever read the second names, which the specification does not know.
      attributePerEventCountLimit: first(
        'OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT',
        'OTEL_SPAN_ATTRIBUTE_PER_EVENT_COUNT_LIMIT',
      ),
      attributePerLinkCountLimit: first(
        'OTEL_LINK_ATTRIBUTE_COUNT_LIMIT',
        'OTEL_SPAN_ATTRIBUTE_PER_LINK_COUNT_LIMIT',
      ),
    }),
    logRecord: defined({
      attributeValueLengthLimit: first('OTEL_LOGRECORD_ATTRIBUTE_VALUE_LENGTH_LIMIT', length),
      attributeCountLimit: first('OTEL_LOGRECORD_ATTRIBUTE_COUNT_LIMIT', count),
    }),
  };
}

function limit(env: Env, name: string, report: Report): number | undefined {
  const value = text(env, name);
  if (value === undefined) return undefined;
  const number = Number(value);
  if (Number.isSafeInteger(number) && number >= 0) return number;
  report(`${name} must be a whole number of at least 0, got '${value}'; ignored`);
  return undefined;
}

/** Without the absent ones: an explicit undefined would take the place of a default in the SDK. */
function defined<T extends object>(values: { [K in keyof T]: T[K] | undefined }): T {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as T;
}
