import { Counters } from './counters.js';

test('adds, sets and shows the same numbers in the snapshot and in the exposition', () => {
  const counters = new Counters();
  counters.add('dropped_items_total', { signal: 'logs', reason: 'no destination' }, 2);
  counters.add('unhinged_dropped_items_total', { reason: 'no destination', signal: 'logs' });
  counters.add('requests_total');
  counters.onCollect(() => {
    counters.set('journal_bytes', undefined, 42);
  });
  expect(counters.snapshot()).toEqual({
    'unhinged_dropped_items_total{reason="no destination",signal="logs"}': 3,
    unhinged_journal_bytes: 42,
    unhinged_requests_total: 1,
  });
  expect(counters.expose()).toBe(
    '# TYPE unhinged_dropped_items_total counter\n' +
      'unhinged_dropped_items_total{reason="no destination",signal="logs"} 3\n' +
      '# TYPE unhinged_journal_bytes gauge\nunhinged_journal_bytes 42\n' +
      '# TYPE unhinged_requests_total counter\nunhinged_requests_total 1\n',
  );
  expect(counters.get('dropped_items_total', { signal: 'logs', reason: 'no destination' })).toBe(3);
});

test('a label value cannot break out of its quotes', () => {
  const counters = new Counters();
  counters.add('x_total', { reason: 'a"b\\c\nd' });
  expect(counters.expose()).toContain('unhinged_x_total{reason="a\\"b\\\\c\\nd"} 1\n');
});
