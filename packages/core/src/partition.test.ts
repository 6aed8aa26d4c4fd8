import fc from 'fast-check';
import { partitionInfo } from './partition.js';

test('date and hour are UTC, whatever the time zone of the machine', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 253_402_300_799_999 }), fc.string(), (epochMs, service) => {
      const iso = new Date(epochMs).toISOString();
      expect(partitionInfo({ epochMs, service })).toEqual({
        datePartition: iso.slice(0, 10),
        hourPartition: iso.slice(11, 13),
        servicePartition: service,
        levelPartition: '',
        customPartitions: {},
      });
    }),
  );
});

test('an hour begins at its first millisecond', () => {
  const at = Date.UTC(2026, 0, 1);
  expect(partitionInfo({ epochMs: at, service: 's', level: 'warn' })).toMatchObject({
    datePartition: '2026-01-01',
    hourPartition: '00',
    levelPartition: 'warn',
  });
  expect(partitionInfo({ epochMs: at - 1, service: 's' })).toMatchObject({
    datePartition: '2025-12-31',
    hourPartition: '23',
  });
});

test('refuses a time that has no partition', () => {
  for (const epochMs of [Number.NaN, -1, 253_402_300_800_000, Infinity]) {
    expect(() => partitionInfo({ epochMs, service: 's' })).toThrow('expected Unix milliseconds');
  }
});
