import { afterEach, describe, expect, it } from '@jest/globals';
import { ROOT_CONTEXT, SpanKind, SpanStatusCode, trace, type SpanContext } from '@opentelemetry/api';
import { TraceState } from '@opentelemetry/core';
import { emptyResource } from '@opentelemetry/resources';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base';
import { parsePolicy, SamplingEngine } from '@unhinged/observability-core';
import { SignalCounts } from '../stats.js';
import { RecordingTracerProvider } from '../trace/tracer.js';
import { choosePolicy } from './choose-policy.js';
import { isMarked } from './keep-mark.js';
import { SegmentRecorder } from './segment-recorder.js';

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

/** A gateway (10 %) with everything but the way out. */
function gateway(policy?: object) {
  const out: { names: string[]; traceState: string | undefined; spans: readonly ReadableSpan[] }[] = [];
  const counts = new SignalCounts();
  const choice = choosePolicy(policy, {}, 'production', () => undefined);
  if (choice.kind !== 'given') throw new Error('a policy is the default');
  const engine = new SamplingEngine({ policy: choice.policy, serviceType: 'gateway' });
  const sink = {
    add: (spans: readonly ReadableSpan[], traceState: string | undefined) => {
      counts.exported += spans.length;
      out.push({ names: spans.map(({ name }) => name), traceState, spans });
    },
    flush: () => Promise.resolve(),
    shutdown: () => Promise.resolve(),
  };
  const recorder = new SegmentRecorder(engine, [sink], counts);
  stops.push(() => recorder.shutdown());
  const tracer = new RecordingTracerProvider(emptyResource(), recorder).getTracer('test');
  return { recorder, tracer, counts, out, engine };
}

/** R of this trace is all zeros: no rate below 1 keeps it. Of the other all ones: every rate does. */
const unlucky = (n: number): SpanContext => remote(n.toString(16).padStart(18, '1') + '0'.repeat(14));
const lucky = (n: number): SpanContext => remote(n.toString(16).padStart(18, '1') + 'f'.repeat(14));
const remote = (traceId: string): SpanContext => ({
  traceId,
  spanId: '2'.repeat(16),
  traceFlags: 1,
  isRemote: true,
});
const under = (parent: SpanContext) => trace.setSpanContext(ROOT_CONTEXT, parent);

describe('segments', () => {
  it('flow by the consistent decision of their trace, not by the flag of the parent', () => {
    const { tracer, out, recorder, counts } = gateway();
    const left = tracer.startSpan('left out', {}, under(unlucky(1)));
    expect(left.spanContext().traceFlags).toBe(0);
    left.end();
    const kept = tracer.startSpan('kept', {}, under({ ...lucky(1), traceFlags: 0 }));
    expect(kept.spanContext()).toMatchObject({ traceFlags: 1 });
    expect(kept.spanContext().traceState?.get('ot')).toBe('th:e666');
    kept.end();
    expect(out.map(({ names, traceState }) => [names, traceState])).toEqual([[['kept'], 'ot=th:e666']]);
    expect(out[0]?.spans[0]?.attributes['unhinged.sampling.reason']).toBe('rate');
    recorder.decideAll();
    expect(counts.stats()).toMatchObject({ created: 2, exported: 1, sampledOut: 1, queued: 0 });
  });

  it('with an error leave whole, and calls made after it carry flag and mark; those before did not', () => {
    const { tracer, out, recorder } = gateway();
    const incoming = { ...unlucky(1), traceState: new TraceState('vendor=x') };
    const root = tracer.startSpan('GET', { kind: SpanKind.SERVER }, under(incoming));
    const inside = trace.setSpan(ROOT_CONTEXT, root);
    const before = tracer.startSpan('before', { kind: SpanKind.CLIENT }, inside);
    before.end();
    expect(before.spanContext().traceFlags).toBe(0);
    const failing = tracer.startSpan('failing', {}, inside);
    failing.setStatus({ code: SpanStatusCode.ERROR });
    failing.end();
    expect(recorder.has(incoming.traceId)).toBe(true);
    const after = tracer.startSpan('after', { kind: SpanKind.CLIENT }, inside);
    expect(after.spanContext().traceFlags).toBe(1);
    expect(after.spanContext().traceState?.serialize()).toBe('unhinged=k:1,ot=th:0,vendor=x');
    after.end();
    root.end();
    expect(out).toHaveLength(1);
    expect(out[0]?.names).toEqual(['before', 'failing', 'after', 'GET']);
    expect(out[0]?.traceState).toBe('ot=th:0,vendor=x');
    expect(out[0]?.spans[3]?.attributes['unhinged.sampling.reason']).toBe('error');
  });

  it('under a marked parent are kept, and pass the mark on', () => {
    const { tracer, out } = gateway();
    const parent = { ...unlucky(1), traceState: new TraceState('unhinged=k:1,ot=th:0') };
    const root = tracer.startSpan('GET', {}, under(parent));
    const call = tracer.startSpan('call', {}, trace.setSpan(ROOT_CONTEXT, root));
    expect(call.spanContext().traceFlags).toBe(1);
    expect(isMarked(call.spanContext().traceState)).toBe(true);
    call.end();
    root.end();
    expect(out[0]?.spans[1]?.attributes['unhinged.sampling.reason']).toBe('retroactive');
  });

  it('that were left out leave after all when the caller keeps the trace, and tell those they had called', () => {
    const { tracer, out, recorder, counts } = gateway();
    const parent = unlucky(1);
    const attributes = { 'server.address': 'backend', 'server.port': 80 };
    const request = (of: SpanContext) => {
      const root = tracer.startSpan('GET', { kind: SpanKind.SERVER }, under(of));
      const call = tracer.startSpan(
        'call',
        { kind: SpanKind.CLIENT, attributes },
        trace.setSpan(ROOT_CONTEXT, root),
      );
      const notice = recorder.noticeFor(call);
      call.end();
      root.end();
      return notice;
    };
    expect(request(parent)).toBeUndefined();
    expect(out).toEqual([]);
    recorder.keep(parent.traceId);
    expect(out[0]).toMatchObject({ names: ['call', 'GET'], traceState: 'unhinged=c:0' });
    expect(request(unlucky(2))).toBe(parent.traceId);
    recorder.decideAll();
    expect(counts.stats()).toMatchObject({ created: 4, exported: 2, sampledOut: 2, queued: 0 });
  });

  it('that are open when the process ends are decided with what is known; what ends later is counted as dropped', async () => {
    const { tracer, out, recorder, counts } = gateway();
    const root = tracer.startSpan('GET', {}, under(unlucky(1)));
    const failing = tracer.startSpan('failing', {}, trace.setSpan(ROOT_CONTEXT, root));
    failing.recordException(new Error('no'));
    failing.end();
    await recorder.shutdown();
    root.end();
    expect(out.map(({ names }) => names)).toEqual([['failing']]);
    expect(counts.stats()).toMatchObject({ created: 2, exported: 1, dropped: { stopped: 1 }, queued: 0 });
  });

  it('have the class that the program says, else the first rule of the policy that fits; a new policy holds at once', () => {
    const rates = { table: { gateway: { operations: { auth: 1, pay: 1 } } } };
    const classes = [{ route: '/auth/*', method: 'POST', class: 'auth' }];
    const { tracer, out, engine } = gateway({ sampling: { ...rates, classes } });
    let n = 0;
    const request = (attributes: Record<string, string>) => {
      tracer.startSpan('r', { kind: SpanKind.SERVER, attributes }, under(unlucky(++n))).end();
      return out.length;
    };
    const http = { 'http.request.method': 'POST', 'http.route': '/auth/:kind' };
    expect(request(http)).toBe(1);
    expect(out[0]?.spans[0]?.attributes['unhinged.sampling.reason']).toBe('operation');
    expect(request({ ...http, 'http.request.method': 'GET' })).toBe(1);
    expect(request({ ...http, 'unhinged.operation.class': 'unknown' })).toBe(1);
    expect(request({ 'http.request.method': 'POST', 'url.path': '/auth/login' })).toBe(2);
    const grpc = { 'rpc.service': 'shop.Payments', 'rpc.method': 'Refund' };
    expect(request(grpc)).toBe(2);
    const rules = [{ route: '/shop.Payments/*', class: 'pay' }];
    engine.setPolicy(parsePolicy({ sampling: { ...rates, classes: rules } }).sampling);
    expect(request(grpc)).toBe(3);
    expect(request(http)).toBe(3);
  });

  it('are bounded in bytes: large texts count', () => {
    const { tracer, out, recorder } = gateway({ sampling: { tail: { heldBytes: 1_000_000 } } });
    for (let n = 0; n < 20; n++) {
      const root = tracer.startSpan('root', {}, under(lucky(n)));
      const child = tracer.startSpan('child', {}, trace.setSpan(ROOT_CONTEXT, root));
      child.setAttribute('db.query.text', 'x'.repeat(50_000));
      child.addEvent('rows', { list: Array.from({ length: 10 }, () => 'y'.repeat(5_000)) });
      child.end();
    }
    // Ten such children are a megabyte.
    expect(out.length).toBeGreaterThanOrEqual(10);
    expect(recorder.events().decided_early).toBe(out.length);
  });

  it('that ended in 4xx with an exception are no errors of ours', () => {
    const { tracer, out } = gateway();
    const root = tracer.startSpan('POST', {}, under(unlucky(1)));
    root.recordException(new Error('the body is no JSON'));
    root.setAttribute('http.response.status_code', 400);
    root.end();
    expect(out).toEqual([]);
  });
});
