import { connect } from 'node:net';
import type { LiveMessage } from '@unhinged/observability-core';
import { logRecord, newTraceId, spanRecord } from '../../testing/embedded/records.js';
import { atEnd, runEmbedded, tempDir, until } from '../../testing/embedded/run-embedded.js';

type Of<T extends LiveMessage['type']> = Extract<LiveMessage, { type: T }>;

/** Reads `/api/live`; `messages` grows as they come. */
async function watch(url: string) {
  const stop = new AbortController();
  const response = await fetch(`${url}/api/live`, { signal: stop.signal });
  const messages: { at: number; message: LiveMessage }[] = [];
  const read = async () => {
    let text = '';
    for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
      text += chunk;
      if (!chunk.includes('\n\n')) continue;
      const frames = text.split('\n\n');
      text = frames.pop() ?? '';
      for (const frame of frames) {
        const [event, data] = frame.split('\n');
        if (data === undefined) continue;
        const message = JSON.parse(data.slice('data: '.length)) as LiveMessage;
        expect(event).toBe(`event: ${message.type}`);
        messages.push({ at: Date.now(), message });
      }
    }
  };
  const done = read().catch(() => undefined);
  atEnd(async () => {
    stop.abort();
    await done;
  });
  const all = <T extends LiveMessage['type']>(type: T) =>
    messages.filter((seen): seen is { at: number; message: Of<T> } => seen.message.type === type);
  await until('hello', () => all('hello').length === 1);
  return { response, messages, all };
}

test('spans and log lines are pushed within half a second of being journaled', async () => {
  const { url, append, get } = await runEmbedded(await tempDir());
  const { all, response } = await watch(url);
  expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
  expect(all('hello')[0]?.message.version).toBe('0.0.0-test');
  const delays: number[] = [];
  for (let i = 0; i < 5; i++) {
    const traceId = newTraceId();
    await append(spanRecord({ traceId }), logRecord({ traceId }));
    const journaled = Date.now();
    const seen = await until('the trace', () =>
      all('traces').find(({ message }) => message.traces.some((trace) => trace.traceId === traceId)),
    );
    delays.push(seen.at - journaled);
    expect(await get(`/api/traces/${traceId}`)).toMatchObject({ traceId });
    await until('the line', () =>
      all('logs').some(({ message }) => message.logs.some((log) => log.traceId === traceId)),
    );
  }
  // The median, since other work on the machine may hold up one.
  expect(delays.sort((a, b) => a - b)[2]).toBeLessThan(500);
  const services = await until('services', () => all('services').at(-1));
  expect(services.message.services[0]).toMatchObject({ service: 'chat' });
});

test('batches come at most four times a second and lose nothing', async () => {
  const { url, append } = await runEmbedded(await tempDir());
  const { all } = await watch(url);
  const sent = Array.from({ length: 60 }, (_, i) => `line ${i}`);
  for (const message of sent) {
    await append(logRecord({ message }));
    await new Promise((resolve) => setTimeout(resolve, 15));
  }
  const lines = () => all('logs').flatMap(({ message }) => message.logs.map((log) => log.message));
  await until('all lines', () => lines().length === sent.length);
  expect(lines()).toEqual(sent);
  const seconds = ((all('logs').at(-1)?.at ?? 0) - (all('logs')[0]?.at ?? 0)) / 1000;
  expect(all('logs').length).toBeLessThanOrEqual(4 * seconds + 2);
});

test('a reader that does not read is told how much it missed and holds up nobody', async () => {
  const { url, append } = await runEmbedded(await tempDir());
  const quick = await watch(url);
  const slow = connect(Number(new URL(url).port), '127.0.0.1');
  atEnd(async () => {
    slow.destroy();
    await Promise.resolve();
  });
  slow.write('GET /api/live HTTP/1.1\r\nHost: localhost\r\n\r\n');
  let text = '';
  slow.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')));
  await until('hello', () => text.includes('hello'));
  slow.pause();
  const filler = 'x'.repeat(20_000);
  const total = 800;
  const count = () => quick.all('logs').reduce((sum, { message }) => sum + message.logs.length, 0);
  for (let sent = 50; sent <= total; sent += 50) {
    await append(...Array.from({ length: 50 }, () => logRecord({ message: filler })));
    await until('the quick one has all', () => count() === sent);
  }
  slow.resume();
  await until('gap', async () => {
    await append(logRecord({ message: 'last' }));
    return text.includes('event: gap');
  });
  const missed = Number(/"type":"gap","missed":(\d+)/.exec(text)?.[1]);
  expect(missed).toBeGreaterThan(0);
  expect(missed).toBeLessThan(total + 100);
  expect(quick.all('gap')).toEqual([]);
});
