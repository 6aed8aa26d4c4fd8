import { SpanStatusCode, TraceFlags } from '@opentelemetry/api';
import { traceStateOf } from '../context/trace-state.js';
import type { ReadableSpan } from '../recorder/span.js';
import type { LogLine } from '@unhinged/observability-core';
import type { MetricData } from '../metrics/metric-data.js';
import type { WebSettings } from '../options.js';
import { redactLine, redactSpan } from '../privacy/redact-hook.js';
import { withShownStack, withShownStacks } from '../privacy/shown-stack.js';
import { spanUrlsShown } from '../privacy/shown-url.js';
import type { KeepGate } from './keep-gate.js';

/** The way out, as far as the gate goes. */
export interface Outlet {
  addSpan: (span: ReadableSpan) => void;
  addLine: (line: LogLine) => void;
  addMetrics: (list: MetricData[]) => void;
}

/** Puts privacy and the gate in front of the delivery: what gets through is as it will be sent. */
export function gated(
  outlet: Outlet,
  gate: KeepGate,
  settings: Pick<WebSettings, 'redactUrl' | 'redactAttributes' | 'metricsOfAll'>,
  sessionId: () => string,
): Outlet {
  const { redactUrl, redactAttributes } = settings;
  return {
    addSpan(span) {
      const own = span.attributes['session.id'];
      gate.add({
        signal: 'spans',
        sessionId: typeof own === 'string' ? own : sessionId(),
        traceId: span.spanContext().traceId,
        error: span.status.code === SpanStatusCode.ERROR,
        send(traceState) {
          const shown = withShownStacks(
            spanUrlsShown(withTraceState(span, traceState), redactUrl),
            redactUrl,
          );
          outlet.addSpan(redactAttributes ? redactSpan(shown, redactAttributes) : shown);
        },
      });
    },
    addLine(line) {
      gate.add({
        signal: 'logs',
        sessionId: line.ids.sessionId ?? sessionId(),
        traceId: line.ids.traceId,
        error: line.level === 'error' || line.level === 'fatal',
        send() {
          const shown = withShownStack(line, redactUrl);
          outlet.addLine(redactAttributes ? redactLine(shown, redactAttributes) : shown);
        },
      });
    },
    addMetrics(list) {
      if (settings.metricsOfAll) {
        outlet.addMetrics(list);
        return;
      }
      if (list.length === 0) return;
      gate.add({
        signal: 'metrics',
        sessionId: sessionId(),
        traceId: undefined,
        error: false,
        send: () => {
          outlet.addMetrics(list);
        },
      });
    },
  };
}

const NO_STATE = traceStateOf('');

/** A span with the threshold of its decision; the span itself may still be the parent of others, and stays as it is. */
function withTraceState(span: ReadableSpan, threshold: string): ReadableSpan {
  const { traceState = NO_STATE, ...context } = span.spanContext();
  // What a server gave the document stays, but for what it said of sampling.
  const others = traceState.unset('ot').unset('unhinged');
  const [key = '', value = ''] = threshold.split('=');
  const state = others.set(key, value);
  // Known by now: it is kept.
  const shown = { ...context, traceFlags: TraceFlags.SAMPLED, traceState: state };
  return Object.create(span, { spanContext: { value: () => shown } }) as ReadableSpan;
}
