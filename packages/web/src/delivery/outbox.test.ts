import { jest } from '@jest/globals';
import { Outbox, type Item } from './outbox.js';
import { noDelivery } from './stats.js';

const named =
  (text: string): Item =>
  (builder) => {
    builder.add('shop', 'scope', undefined, (writer) => {
      writer.text(1, text);
    });
  };

function outbox(mayGzip = () => false) {
  const stats = noDelivery();
  return { stats, box: new Outbox(stats, (service) => ({ 'service.name': service }), mayGzip) };
}

const textOf = (box: Outbox) => [...box].map(({ bytes }) => Buffer.from(bytes).toString('latin1')).join();

test('items wait as they are until there are 64, or until requests are cut', () => {
  const { box } = outbox();
  const encoded: number[] = [];
  const add = (at: number) =>
    box.add('spans', (builder) => {
      encoded.push(at);
      named(`item ${at}`)(builder);
    });
  for (let at = 0; at < 63; at++) add(at);
  expect(encoded).toEqual([]);
  add(63);
  expect(encoded).toHaveLength(64);
  add(64);
  box.cut();
  expect(encoded).toHaveLength(65);
  expect([...box].map(({ items }) => items)).toEqual([65]);
  for (const at of [0, 63, 64]) expect(textOf(box)).toContain(`item ${at}`);
});

test('a request is full at 48 KiB, and at 128 when it may be compressed, and the one who filled it is told', () => {
  let mayGzip = false;
  const { box } = outbox(() => mayGzip);
  const fill = () =>
    Array.from({ length: 384 }, () => box.add('logs', named('x'.repeat(500)))).filter(Boolean);
  expect(fill().length).toBeGreaterThanOrEqual(3);
  for (const { bytes } of box) expect(bytes.length).toBeLessThan(49_152 + 1_000);
  const before = box.size;
  mayGzip = true;
  expect(fill()).toHaveLength(1);
  const [filled] = [...box].slice(before);
  expect(filled?.bytes.length).toBeGreaterThanOrEqual(131_072);
});

test('what cannot be encoded, and what is more than 1 MiB, is dropped with its reason, and nothing else with it', () => {
  jest.spyOn(console, 'error').mockImplementation(() => undefined);
  const { box, stats } = outbox();
  box.add('logs', named('first'));
  box.add('logs', () => {
    throw new Error('no');
  });
  box.add('logs', named('last'));
  box.cut();
  expect(textOf(box)).toMatch(/first.*last/s);
  for (let at = 0; at < 1_280; at++) box.add('spans', named('x'.repeat(1_000)));
  box.cut();
  const kept = [...box].reduce((sum, { items }) => sum + items, 0);
  const { buffer_full: full = 0 } = stats.spans.dropped;
  expect(stats.logs).toMatchObject({ recorded: 3, dropped: { invalid: 1 } });
  expect(full).toBeGreaterThan(0);
  expect(kept).toBe(2 + 1_280 - full);
  // Room again as soon as something has gone.
  for (const batch of [...box]) box.remove(batch);
  box.add('metrics', named('again'));
  box.cut();
  expect(textOf(box)).toContain('again');
});
