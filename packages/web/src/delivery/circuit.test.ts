import { Circuit } from './circuit.js';

const start = (random = 0) => {
  const clock = { now: 1_000_000 };
  return {
    clock,
    circuit: new Circuit(
      () => clock.now,
      () => random,
    ),
  };
};

test('each failure waits twice as long, up to a minute, and jitter takes off up to half', () => {
  const waits = (random: number) => {
    const { clock, circuit } = start(random);
    return Array.from({ length: 9 }, () => {
      circuit.failed();
      const wait = circuit.waitMs;
      clock.now += wait;
      return wait / 1_000;
    });
  };
  expect(waits(0)).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60]);
  expect(waits(1)).toEqual([0.5, 1, 2, 4, 8, 16, 30, 30, 30]);
});

test('what the receiver asked for holds also for those in a hurry, up to ten minutes', () => {
  const { circuit } = start();
  circuit.failed();
  circuit.hurry();
  expect([circuit.open, circuit.waitMs]).toEqual([true, 0]);
  circuit.failed(120_000);
  circuit.hurry();
  expect(circuit.waitMs).toBe(120_000);
  circuit.failed(3_600_000);
  expect(circuit.waitMs).toBe(600_000);
  circuit.passed();
  expect([circuit.open, circuit.waitMs]).toEqual([false, 0]);
});

test('a clock that was set back holds nothing for longer than that', () => {
  const { clock, circuit } = start();
  circuit.failed(600_000);
  clock.now -= 86_400_000;
  expect(circuit.waitMs).toBe(0);
});
