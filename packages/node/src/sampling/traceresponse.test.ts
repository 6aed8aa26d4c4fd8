import { describe, expect, it } from '@jest/globals';
import { asksToKeep, keepResponse } from './traceresponse.js';

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
const spanId = '00f067aa0ba902b7';

describe('traceresponse', () => {
  it('is written in the form of the specification', () => {
    expect(keepResponse({ traceId, spanId, traceFlags: 0 })).toBe(`00-${traceId}-${spanId}-01`);
  });

  it.each([
    `00-${traceId}-${spanId}-01`,
    `00-${traceId}-${spanId}-03`,
    `00---01`,
    `00-${traceId}--01`,
    ` 00-${traceId}-${spanId}-01 `,
    `cc-${traceId}-${spanId}-01-what-comes-later`,
  ])('asks to keep: %s', (header) => {
    expect(asksToKeep(header, traceId)).toBe(true);
  });

  it.each([
    undefined,
    '',
    'x',
    `00-${traceId}-${spanId}-00`,
    `00-${traceId}-${spanId}-02`,
    `00-${traceId}-${spanId}-1`,
    `00-${traceId}-${spanId}`,
    `00-${traceId.replace('4b', '5b')}-${spanId}-01`,
    `ff-${traceId}-${spanId}-01`,
    [`00-${traceId}-${spanId}-01`, `00-${traceId}-${spanId}-01`],
  ])('asks nothing: %s', (header) => {
    expect(asksToKeep(header, traceId)).toBe(false);
  });
});
