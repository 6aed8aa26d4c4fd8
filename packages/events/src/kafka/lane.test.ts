import fc from 'fast-check';

import type { EventRecord } from '../transport.js';
import { Lane, prepare, type Prepared } from './lane.js';
import { type KafkaRecord, type RecordClient, SendFailure } from './record-client.js';

const forEver = new AbortController().signal;
/** OTLP batches, whose headers need no decoding. */
const records = (count: number): EventRecord[] =>
  Array.from({ length: count }, (_, index) => ({
    topic: 'observability.logs',
    key: `key-${index % 7}`,
    eventType: '',
    value: new TextEncoder().encode(index.toString()),
  }));
const batch = (count: number): Prepared[] => prepare(records(count));
const textOf = ({ value }: KafkaRecord): string => new TextDecoder().decode(value);

/** A broker in memory: what `answer` throws is what the client is told; the log holds what became durable. */
function broker(answer: (batch: readonly KafkaRecord[], attempt: number) => void = () => undefined) {
  const log: KafkaRecord[] = [];
  let attempts = 0;
  let outstanding = 0;
  const client: RecordClient = {
    async send(batch) {
      expect(++outstanding).toBe(1);
      await Promise.resolve();
      outstanding--;
      answer(batch, ++attempts);
      log.push(...batch);
    },
    close: () => Promise.resolve(),
  };
  const waits: number[] = [];
  const lane = new Lane({
    client,
    random: () => 0,
    wait: (ms) => {
      waits.push(ms);
      return Promise.resolve();
    },
  });
  return { lane, log, waits, attempts: () => attempts };
}
const unavailable = () => new SendFailure('unavailable', 'away');
const poison = () => new SendFailure('poison', 'MESSAGE_TOO_LARGE: too large');

test('a batch arrives in order, with the headers of its kind', async () => {
  const { lane, log } = broker();
  expect(await lane.deliver(batch(3), forEver)).toBe(true);
  expect(log.map(textOf)).toEqual(['0', '1', '2']);
  expect(log[0]?.headers).toEqual({ 'content-type': 'application/x-protobuf' });
  expect(lane.stats()).toEqual({ sent: 3, deadLettered: {}, retries: 0, failing: 0 });
});

test.each([10, 60])(
  '%d minutes (virtual) without a broker: at most 2 attempts a second, at least one each 5 s, nothing lost',
  async (minutes) => {
    let elapsed = 0;
    const { lane, log, waits } = broker(() => {
      elapsed = waits.reduce((sum, ms) => sum + ms, 0);
      if (elapsed < minutes * 60_000) throw unavailable();
    });
    expect(await lane.deliver(batch(10), forEver)).toBe(true);
    expect(log).toHaveLength(10);
    expect(Math.min(...waits)).toBeGreaterThanOrEqual(500);
    expect(Math.max(...waits)).toBeLessThanOrEqual(5_000);
    expect(lane.stats()).toMatchObject({ sent: 10, retries: waits.length, failing: 0 });
  },
);

test('a poison record is in the dead-letter topic after 3 tries, the rest of the batch is delivered in order', async () => {
  let tries = 0;
  const { lane, log } = broker((batch) => {
    if (batch.some((record) => record.topic !== 'observability.dlq' && textOf(record) === '500')) {
      tries++;
      throw poison();
    }
  });
  expect(await lane.deliver(batch(1_000), forEver)).toBe(true);
  expect(tries).toBe(3);
  const delivered = log.filter(({ topic }) => topic === 'observability.logs').map(textOf);
  expect(delivered).toEqual(
    records(1_000)
      .map((_, index) => index.toString())
      .filter((text) => text !== '500'),
  );
  const [letter, ...others] = log.filter(({ topic }) => topic === 'observability.dlq');
  expect(others).toEqual([]);
  expect(letter && textOf(letter)).toBe('500');
  expect(letter?.headers).toMatchObject({
    'x-dlq-reason': 'poison',
    'x-dlq-error': 'MESSAGE_TOO_LARGE: too large',
    'x-dlq-topic': 'observability.logs',
    'x-dlq-bytes': '3',
  });
  expect(lane.stats()).toMatchObject({ sent: 999, deadLettered: { poison: 1 } });
});

test('an event that cannot be read for its headers is in the dead-letter topic, its neighbours are not', async () => {
  const { lane, log } = broker();
  const broken = {
    topic: 'observability.logs',
    key: 'k',
    eventType: 'log_entry',
    value: Uint8Array.of(0x0a, 0xff),
  };
  const [first, last] = records(2);
  expect(await lane.deliver(prepare([first, broken, last].filter((one) => one !== undefined)), forEver)).toBe(
    true,
  );
  expect(log.map(({ topic }) => topic)).toEqual([
    'observability.logs',
    'observability.dlq',
    'observability.logs',
  ]);
  expect(lane.stats().deadLettered).toEqual({ undecodable: 1 });
});

test('a value too large for the dead-letter topic, too, leaves its beginning there', async () => {
  const { lane, log } = broker((batch) => {
    if (batch.some(({ value }) => value.length > 1_000_000)) throw poison();
  });
  const huge = { topic: 'observability.logs', key: 'k', eventType: '', value: new Uint8Array(2_000_000) };
  expect(await lane.deliver(prepare([huge]), forEver)).toBe(true);
  expect(log).toHaveLength(1);
  expect(log[0]?.value).toHaveLength(65_536);
  expect(log[0]?.headers).toMatchObject({ 'x-dlq-bytes': '2000000', 'x-dlq-truncated': 'true' });
});

test('when the signal comes it stops, and does not say that the batch is durable', async () => {
  const stopping = new AbortController();
  const { lane, log, attempts } = broker((_, attempt) => {
    if (attempt === 3) stopping.abort();
    throw unavailable();
  });
  expect(await lane.deliver(batch(5), stopping.signal)).toBe(false);
  expect(attempts()).toBe(3);
  expect(log).toEqual([]);
});

test('whatever fails how often, every record is durable in its topic or the dead-letter topic, and none overtakes', async () => {
  const fate = fc.constantFrom('ok', 'away', 'lost answer');
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 200 }),
      fc.array(fate, { maxLength: 40 }),
      fc.uniqueArray(fc.nat(199), { maxLength: 5 }),
      async (count, fates, bad) => {
        const { lane, log } = broker((batch, attempt) => {
          const ours = batch.filter(({ topic }) => topic === 'observability.logs');
          if (ours.some((record) => bad.includes(Number(textOf(record))))) throw poison();
          const now = fates[attempt % Math.max(fates.length, 1)];
          if (attempt > 100 || now === undefined || now === 'ok') return;
          if (now === 'lost answer') log.push(...batch);
          throw unavailable();
        });
        expect(await lane.deliver(batch(count), forEver)).toBe(true);
        const firsts = (topic: string) => [
          ...new Set(log.filter((one) => one.topic === topic).map((one) => Number(textOf(one)))),
        ];
        const all = Array.from({ length: count }, (_, index) => index);
        expect(firsts('observability.logs')).toEqual(all.filter((index) => !bad.includes(index)));
        expect(firsts('observability.dlq')).toEqual(all.filter((index) => bad.includes(index)));
      },
    ),
  );
});
