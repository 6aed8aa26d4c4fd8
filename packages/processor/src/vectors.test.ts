import { readFileSync, writeFileSync } from 'node:fs';
import { TraceEvent } from '@unhinged/observability-proto';
import { Sketch } from './index.js';
import { runProcessor } from './testing/run-processor.js';
import { serverSpan, T0 } from './testing/span-event.js';

// What the Flink job (packages/jvm/flink) holds itself to: the same requests give the same windows.
// After a change that is meant: UPDATE_VECTORS=1, and read the diff.
const file = new URL('../vectors/windows.json', import.meta.url);

/** Seeded, so that the vectors can be made again (Park and Miller's generator). */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
}

/** A minute and a half of requests: two services, sampled ones, errors, what is no request, what is late and too late. */
function spans(): TraceEvent[] {
  const random = randomNumbers(7);
  const events: TraceEvent[] = [];
  for (let at = 0; at < 90_000; at += 1_500) {
    const standsFor = [undefined, 1, 10, 0, 2.5][Math.floor(random() * 5)];
    events.push(
      serverSpan(at - Math.floor(random() * 5_000), {
        service: random() < 0.5 ? 'chat' : 'grüße/1:2',
        name: random() < 0.5 ? 'GET /rooms' : '',
        durationMs: random() < 0.1 ? 0 : 10 ** (random() * 6 - 2),
        error: random() < 0.2,
        kind: random() < 0.2 ? 3 : 2,
        root: random() < 0.1,
        ...(standsFor !== undefined && { standsFor }),
      }),
    );
    if (random() < 0.2) events.push(serverSpan(at - 20_000 - Math.floor(random() * 30_000)));
    if (random() < 0.1) events.push(serverSpan(Math.max(at - 100_000, -50_000), { name: 'too late' }));
  }
  const endless = serverSpan(90_000, { name: 'endless' });
  if (endless.span) endless.span.endTimeUnixNano = 0n;
  return [...events, endless, serverSpan(1_000_000, { name: 'the last, which closes all before it' })];
}

test('the windows of a recorded stream are those of vectors/windows.json', () => {
  const { processor, windows } = runProcessor();
  const events = spans();
  for (const event of events) processor.process(event);
  // The claim is not empty: all that can happen to a request is in it.
  const { late, lateDropped, noEnd, requests } = processor.stats();
  expect(Math.min(late, lateDropped, noEnd, requests - 40)).toBeGreaterThan(0);
  expect(windows.some(({ revision }) => revision > 1)).toBe(true);
  const sketch = new Sketch();
  const values = [0, 1e-7, 1e-6, 0.5, 1, 1.0202, 7.389, 1_000, 1e9, 1e12];
  values.forEach((value, index) => {
    sketch.add(value, index + 1);
  });
  const content = {
    spans: events.map((event) => Buffer.from(TraceEvent.encode(event).finish()).toString('hex')),
    windows: windows.map(({ at: [start, end], ...window }) => ({
      startMs: T0 + start,
      endMs: T0 + end,
      ...window,
    })),
    lateDropped,
    sketch: { values, state: sketch.toJSON() },
  };
  const text = `${JSON.stringify(content, null, 1)}\n`;
  if (process.env['UPDATE_VECTORS']) writeFileSync(file, text);
  expect(JSON.parse(text)).toEqual(JSON.parse(readFileSync(file, 'utf8')));
});
