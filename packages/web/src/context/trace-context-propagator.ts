import {
  TraceFlags,
  isSpanContextValid,
  trace,
  type Context,
  type TextMapGetter,
  type TextMapPropagator,
  type TextMapSetter,
} from '@opentelemetry/api';
import { traceStateOf } from './trace-state.js';

const FORM = /^[\da-f]{2}-([\da-f]{32})-([\da-f]{16})-([\da-f]{2})/;

/** W3C Trace Context (https://www.w3.org/TR/trace-context-2/), without the baggage that the stock propagators add. */
export const traceContextPropagator: TextMapPropagator = {
  fields: () => ['traceparent', 'tracestate'],
  inject(context: Context, carrier: unknown, setter: TextMapSetter): void {
    const span = trace.getSpanContext(context);
    if (!span || !isSpanContextValid(span)) return;
    setter.set(
      carrier,
      'traceparent',
      `00-${span.traceId}-${span.spanId}-0${(span.traceFlags & 1).toString()}`,
    );
    const state = span.traceState?.serialize();
    if (state) setter.set(carrier, 'tracestate', state);
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
