import { alertView } from '../../testing/views.js';
import { mergeAlerts } from './order.js';

it('puts firing before pending before resolved, and the newest first', () => {
  const alerts = [
    alertView({ fingerprint: 'resolved', state: 'resolved', endsMs: 99 }),
    alertView({ fingerprint: 'pending', state: 'pending' }),
    alertView({ fingerprint: 'old', startsMs: 1 }),
    alertView({ fingerprint: 'new', startsMs: 2 }),
  ];
  expect(mergeAlerts(alerts, []).map(({ fingerprint }) => fingerprint)).toEqual([
    'new',
    'old',
    'pending',
    'resolved',
  ]);
});

it('takes a change in the place of what it knew', () => {
  const known = [alertView({ fingerprint: 'a' })];
  const merged = mergeAlerts(known, [
    alertView({ fingerprint: 'a', state: 'resolved' }),
    alertView({ fingerprint: 'b' }),
  ]);
  expect(merged.map(({ fingerprint, state }) => [fingerprint, state])).toEqual([
    ['b', 'firing'],
    ['a', 'resolved'],
  ]);
});
