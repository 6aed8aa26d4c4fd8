import { traceSummary } from '../../testing/views.js';
import { TRACE_KINDS, traceMatches, tracesPath, type TraceFilter } from './trace-filter.js';

const all: TraceFilter = { service: '', text: '', errorsOnly: false, minMs: 0 };

it('lets a trace in by any of its services, its errors and its duration', () => {
  const trace = traceSummary({ services: ['web', 'search'], errors: 0, durationMs: 100 });
  expect(traceMatches(trace, all)).toBe(true);
  expect(traceMatches(trace, { ...all, service: 'search' })).toBe(true);
  expect(traceMatches(trace, { ...all, service: 'gateway' })).toBe(false);
  expect(traceMatches(trace, { ...all, errorsOnly: true })).toBe(false);
  expect(traceMatches(trace, { ...all, minMs: 100 })).toBe(true);
  expect(traceMatches(trace, { ...all, minMs: 101 })).toBe(false);
});

it('asks the server for the same', () => {
  expect(tracesPath(all)).toBe('api/traces?limit=1000');
  expect(tracesPath({ service: 'web', text: ' send ', errorsOnly: true, minMs: 500 })).toBe(
    'api/traces?service=web&q=send&errors=1&minMs=500&limit=1000',
  );
});

it('orders by start or by duration', () => {
  const traces = [
    traceSummary({ traceId: 'a', startMs: 1, durationMs: 9 }),
    traceSummary({ traceId: 'b', startMs: 2, durationMs: 3 }),
  ];
  expect(traces.toSorted(TRACE_KINDS.newest.compare).map(({ traceId }) => traceId)).toEqual(['b', 'a']);
  expect(traces.toSorted(TRACE_KINDS.longest.compare).map(({ traceId }) => traceId)).toEqual(['a', 'b']);
});
