import type { AlertView, LogView, SpanView, TraceSummary } from '@unhinged/observability-core';

export function spanView(part: Partial<SpanView> = {}): SpanView {
  return {
    spanId: '00000000000000aa',
    parentSpanId: '',
    name: 'GET /',
    service: 'gateway',
    tier: 'gateway',
    kind: 'server',
    status: 'unset',
    statusMessage: '',
    startNano: '1760000000000000000',
    endNano: '1760000000010000000',
    scope: 'test',
    attributes: {},
    resource: {},
    events: [],
    links: [],
    ...part,
  };
}

export function logView(part: Partial<LogView> = {}): LogView {
  return {
    eventId: '1',
    timeNano: '1760000000000000000',
    level: 'info',
    service: 'gateway',
    tier: 'gateway',
    message: 'Ready',
    traceId: '',
    spanId: '',
    attributes: {},
    flags: 'CDL',
    ...part,
  };
}

export function traceSummary(part: Partial<TraceSummary> = {}): TraceSummary {
  return {
    traceId: 'a'.repeat(32),
    rootName: 'GET /',
    rootService: 'web',
    startMs: 1,
    durationMs: 10,
    spans: 3,
    errors: 0,
    services: ['web', 'gateway'],
    complete: true,
    ...part,
  };
}

export function alertView(part: Partial<AlertView> = {}): AlertView {
  return {
    fingerprint: 'f',
    name: 'error_spike',
    state: 'firing',
    severity: 'page',
    labels: {},
    annotations: {},
    value: 1,
    threshold: 0.05,
    startsMs: 1,
    history: [],
    ...part,
  };
}
