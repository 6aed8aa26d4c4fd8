import { describe, expect, it } from '@jest/globals';
import { SpanKind, type Span } from '@opentelemetry/api';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base';
import { KeepNotices, noticedTraceIds } from './keep-notices.js';

const id = (n: number) => n.toString(16).padStart(32, '0');
const call = (n: number, address = 'backend', kind = SpanKind.CLIENT) =>
  ({
    kind,
    attributes: { 'server.address': address, 'server.port': 80 },
    spanContext: () => ({ traceId: id(n), spanId: '00f067aa0ba902b7', traceFlags: 0 }),
  }) as unknown as ReadableSpan & Span;
const unmarked = () => false;

describe('notices of errors that were seen late', () => {
  it('go once, with the next call to where the trace has been', () => {
    const notices = new KeepNotices();
    notices.add([call(1), call(1), call(1, 'elsewhere')], unmarked);
    notices.add([call(2)], unmarked);
    expect(notices.take(call(9, 'stranger'))).toBeUndefined();
    expect(notices.take(call(9))).toBe(`${id(1)},${id(2)}`);
    expect(notices.take(call(9))).toBeUndefined();
    expect(notices.take(call(9, 'elsewhere'))).toBe(id(1));
  });

  it('tell nothing of what is no call, or carried the mark', () => {
    const notices = new KeepNotices();
    notices.add([call(1, 'backend', SpanKind.SERVER)], unmarked);
    notices.add([call(2)], () => true);
    expect(notices.take(call(9))).toBeUndefined();
  });

  it('are worth nothing after 10 s, when callees have forgotten', () => {
    let now = 0;
    const notices = new KeepNotices(() => now);
    notices.add([call(1)], unmarked);
    now = 10_001;
    notices.add([call(2)], unmarked);
    expect(notices.take(call(9))).toBe(id(2));
  });

  it('are bounded in ids and origins, and what gives way is counted', () => {
    const notices = new KeepNotices();
    for (let n = 0; n < 40; n++) notices.add([call(n)], unmarked);
    expect(notices.dropped).toBe(8);
    const ids = notices.take(call(99))?.split(',');
    expect(ids).toHaveLength(32);
    expect(ids?.[0]).toBe(id(8));
    for (let n = 0; n < 300; n++) notices.add([call(1, `host-${n.toString()}`)], unmarked);
    expect(notices.take(call(9, 'host-0'))).toBeUndefined();
    expect(notices.take(call(9, 'host-299'))).toBe(id(1));
    expect(notices.dropped).toBe(8 + 44);
  });

  it('are read back, without what is none', () => {
    expect(noticedTraceIds(`${id(1)}, ${id(2)},x,,${id(3)}0`)).toEqual([id(1), id(2)]);
    expect(noticedTraceIds(undefined)).toEqual([]);
    expect(noticedTraceIds(Array.from({ length: 99 }, (_, n) => id(n)).join(','))).toHaveLength(32);
  });
});
