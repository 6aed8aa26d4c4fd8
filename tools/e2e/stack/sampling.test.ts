import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

import { parsePolicy, SamplingEngine } from '@unhinged/observability-core';
import { ExportTraceServiceRequest } from '@unhinged/observability-proto/otlp';

import { type RunningStack, startStack, withPatience } from './running-stack.js';
import { followTopics, hex, type Topics } from './topics.js';

// The owner's table. Each row: service type, operation class, rate.
const ROWS = [
  ['frontend', undefined, 0.01],
  ['frontend', 'user_action', 0.05],
  ['gateway', undefined, 0.1],
  ['gateway', 'websocket', 0.2],
  ['backend', undefined, 0.2],
  ['backend', 'business', 0.5],
  ['critical', undefined, 0.8],
  ['critical', 'auth', 1],
  ['critical', 'pay', 1],
] as const;
const TRACES = 2_000;

interface Sent {
  traceId: string;
  row: number;
  error: boolean;
}

/** The recorded set: the same ids in every run, one in fifty with an error, one in a hundred slow. */
function dataSet(): (Sent & { slow: boolean })[] {
  return ROWS.flatMap((_, row) =>
    Array.from({ length: TRACES }, (_, n) => ({
      traceId: createHash('sha256')
        .update(`${String(row)} ${String(n)}`)
        .digest('hex')
        .slice(0, 32),
      row,
      error: n % 50 === 0,
      slow: n % 100 === 25,
    })),
  );
}

/** As the SDK of somebody else sends: everything, without a word in the trace state. */
async function send(url: string, traces: readonly (Sent & { slow: boolean })[]): Promise<void> {
  const now = BigInt(Date.now()) * 1_000_000n;
  for (let from = 0; from < traces.length; from += 500) {
    const body = ExportTraceServiceRequest.encode(
      ExportTraceServiceRequest.fromPartial({
        resourceSpans: traces.slice(from, from + 500).map(({ traceId, row, error, slow }) => {
          const [type, operation] = ROWS[row] ?? ROWS[0];
          const text = (key: string, value: string) => ({
            key,
            value: { value: { $case: 'stringValue' as const, value } },
          });
          return {
            resource: { attributes: [text('service.name', type), text('unhinged.service.type', type)] },
            scopeSpans: [
              {
                spans: [
                  {
                    traceId: Buffer.from(traceId, 'hex'),
                    spanId: Buffer.from(traceId.slice(0, 16), 'hex'),
                    name: 'request',
                    kind: 2,
                    startTimeUnixNano: now,
                    endTimeUnixNano: now + (slow ? 3_000_000_000n : 1_000_000n),
                    status: { code: error ? 2 : 0 },
                    attributes: operation === undefined ? [] : [text('unhinged.operation.class', operation)],
                  },
                ],
              },
            ],
          };
        }),
      }),
    ).finish();
    for (;;) {
      const answer = await fetch(`${url}/v1/traces`, {
        method: 'POST',
        headers: { 'content-type': 'application/x-protobuf' },
        body,
      });
      await answer.arrayBuffer();
      if (answer.status === 200) break;
      // Its memory is full: it asks us to come again.
      if (answer.status !== 503 && answer.status !== 429)
        throw new Error(`refused: ${String(answer.status)}`);
      await sleep(500);
    }
  }
}

/** Of 2^56; the zeros at the end are left out in the text. */
const thresholdOf = (traceState: string | undefined): bigint =>
  BigInt(`0x${(/ot=(?:[^,]*;)?th:([0-9a-f]+)/.exec(traceState ?? '')?.[1] ?? '').padEnd(14, '0')}`);

const isRounding = (a: bigint, b: bigint): boolean => (a > b ? a - b : b - a) < 1n << 40n;

describe('tail sampling in the real Collector', () => {
  const traces = dataSet();
  let stack: RunningStack;
  let topics: Topics;
  let kept: Map<string, string>;

  beforeAll(async () => {
    stack = await startStack(['kafka', 'collector'], { COLLECTOR_DECISION_WAIT: '2s' });
    topics = await followTopics(`127.0.0.1:${String(stack.port('kafka', 'broker'))}`);
    await send(stack.url('collector', 'http'), traces);
    // All are decided when nothing has come for a while.
    let count = 0;
    await withPatience('the decisions', 3, async () => {
      await sleep(5_000);
      const isStill = topics.spans.length === count && count > 0;
      count = topics.spans.length;
      return isStill ? true : undefined;
    });
    kept = new Map(topics.spans.map((span) => [hex(span.traceId), span.traceState]));
  });
  afterAll(async () => {
    await topics.stop();
    await stack.stop();
  });

  test('keeps every error and every slow request', () => {
    const lost = traces.filter(({ error, slow, traceId }) => (error || slow) && !kept.has(traceId));
    expect(lost).toEqual([]);
  });

  test.each(ROWS.map(([type, operation = '(base)', rate], row) => ({ type, operation, rate, row })))(
    '$type $operation: $rate of the rest, within five standard deviations of the binomial distribution',
    ({ rate, row }) => {
      const ordinary = traces.filter((trace) => trace.row === row && !trace.error && !trace.slow);
      const found = ordinary.filter(({ traceId }) => kept.has(traceId)).length;
      const deviation = Math.sqrt(ordinary.length * rate * (1 - rate));
      expect(Math.abs(found - ordinary.length * rate)).toBeLessThanOrEqual(5 * deviation);
    },
  );

  test('decides each trace as our SDKs do, and writes the same threshold but for their rounding to four digits', () => {
    // A second apart: the error budget is a matter of the SDK alone.
    let clock = 0;
    const now = (): number => (clock += 1_000);
    const engines = new Map(
      ROWS.map(([type]) => [
        type,
        new SamplingEngine({
          policy: parsePolicy({ version: 1, sampling: { slowMs: 2_000 } }).sampling,
          serviceType: type,
          now,
        }),
      ]),
    );
    const different = traces.filter(({ traceId, row, error, slow }) => {
      const [type, operation] = ROWS[row] ?? ROWS[0];
      const decision = engines.get(type)?.decide({
        traceId,
        error,
        durationMs: slow ? 3_000 : 1,
        retained: false,
        ...(operation !== undefined && { operation }),
      });
      const state = kept.get(traceId);
      const threshold = thresholdOf(decision?.traceState);
      // Where the roundings of a rate lie on both sides of a trace, either decision is right.
      if (decision?.keep !== (state !== undefined))
        return !isRounding(BigInt(`0x${traceId.slice(18)}`), threshold);
      return state !== undefined && !isRounding(thresholdOf(state), threshold);
    });
    expect(different.slice(0, 5)).toEqual([]);
  });
});
