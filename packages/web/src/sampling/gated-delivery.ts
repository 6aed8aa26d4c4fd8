import { SpanStatusCode, type SpanContext } from '@opentelemetry/api';
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
  /** @param traceState What a span leaves with, in place of its own. */
  addSpan: (span: ReadableSpan, traceState: string) => void;
  addLine: (line: LogLine) => void;
  addMetrics: (list: MetricData[]) => void;
}

/** Puts privacy and the gate in front of the delivery: what gets through is as it will be sent. */
export function gated(
  outlet: Outlet,
  gate: KeepGate,
  settings: Pick<WebSettings, 'redactUrl' | 'redactAttributes' | 'metricsOfAll'>,
  sessionId: () => string,
): Omit<Outlet, 'addSpan'> & { addSpan: (span: ReadableSpan) => void } {
  const { redactUrl, redactAttributes } = settings;
  return {
    addSpan(span: ReadableSpan) {
      const own = span.attributes['session.id'];
      gate.add({
        signal: 'spans',
        sessionId: typeof own === 'string' ? own : sessionId(),
        traceId: span.spanContext().traceId,
        error: span.status.code === SpanStatusCode.ERROR,
        send(decision) {
          const shown = withShownStacks(spanUrlsShown(span, redactUrl), redactUrl);
          const traceState = withDecision(span.spanContext(), decision);
          outlet.addSpan(redactAttributes ? redactSpan(shown, redactAttributes) : shown, traceState);
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

/** What a server gave the document stays, but for what it said of sampling. */
function withDecision({ traceState }: SpanContext, decision: string): string {
  if (!traceState) return decision;
  const [key = '', value = ''] = decision.split('=');
  return traceState.unset('ot').unset('unhinged').set(key, value).serialize();
}
