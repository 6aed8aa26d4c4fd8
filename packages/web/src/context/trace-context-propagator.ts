import {
  TraceFlags,
  isSpanContextValid,
  trace,
  type Context,
  type SpanContext,
  type TextMapGetter,
  type TextMapPropagator,
  type TextMapSetter,
} from '@opentelemetry/api';
import { traceStateOf } from './trace-state.js';

const FORM = /^[\da-f]{2}-([\da-f]{32})-([\da-f]{16})-([\da-f]{2})/;

/** The headers of W3C Trace Context (https://www.w3.org/TR/trace-context-2/) for calls made in a span. */
export function traceHeaders({
  traceId,
  spanId,
  traceFlags,
  traceState,
}: SpanContext): Record<string, string> {
  const headers: Record<string, string> = {
    traceparent: `00-${traceId}-${spanId}-0${(traceFlags & TraceFlags.SAMPLED).toString()}`,
  };
  const state = traceState?.serialize();
  if (state) headers['tracestate'] = state;
  return headers;
}

/** They without the baggage that the stock propagators add. */
export const traceContextPropagator: TextMapPropagator = {
  fields: () => ['traceparent', 'tracestate'],
  inject(context: Context, carrier: unknown, setter: TextMapSetter): void {
    const span = trace.getSpanContext(context);
    if (!span || !isSpanContextValid(span)) return;
    for (const [key, value] of Object.entries(traceHeaders(span))) setter.set(carrier, key, value);
  },
  extract(context: Context, carrier: unknown, getter: TextMapGetter): Context {
    const parts = FORM.exec(String(getter.get(carrier, 'traceparent')));
    const [, traceId = '', spanId = '', flags = ''] = parts ?? [];
    const state = getter.get(carrier, 'tracestate');
    const parent = {
      traceId,
      spanId,
      traceFlags: parseInt(flags, 16) & TraceFlags.SAMPLED,
      isRemote: true,
      ...(state !== undefined && { traceState: traceStateOf(String(state)) }),
    };
    return isSpanContextValid(parent) ? trace.setSpanContext(context, parent) : context;
  },
};
