import { describe, expect, it } from '@jest/globals';
import { TraceState } from '@opentelemetry/core';
import { isMarked, marked } from './keep-mark.js';

const of = (text?: string) => ({
  traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
  spanId: '00f067aa0ba902b7',
  traceFlags: 0,
  ...(text !== undefined && { traceState: new TraceState(text) }),
});

describe('the mark of a kept trace', () => {
  it('is a member of tracestate, beside the threshold of errors; other members stay, behind ours', () => {
    expect(marked(of()).serialize()).toBe('unhinged=k:1,ot=th:0');
    expect(marked(of('vendor=x,ot=th:e6;rv:0123456789abcd,other=y')).serialize()).toBe(
      'unhinged=k:1,ot=th:0;rv:0123456789abcd,vendor=x,other=y',
    );
  });

  it('is read, also among fields to come', () => {
    expect(isMarked(marked(of()))).toBe(true);
    expect(isMarked(new TraceState('unhinged=x:2;k:1'))).toBe(true);
    expect(isMarked(new TraceState('unhinged=k:0,vendor=k:1'))).toBe(false);
    expect(isMarked(undefined)).toBe(false);
  });
});
