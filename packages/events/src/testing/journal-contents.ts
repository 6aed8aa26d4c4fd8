import { readdirSync } from 'node:fs';

import type { Journal } from '../journal.js';

export const text = (value: string): Buffer => Buffer.from(value);

export const segmentsOf = (dir: string): string[] =>
  readdirSync(dir).filter((name) => name.endsWith('.journal'));

/** All that can be read, in small steps. */
export async function contents(journal: Journal, from = 1): Promise<[number, string][]> {
  const records: [number, string][] = [];
  for (;;) {
    const next = (records.at(-1)?.[0] ?? from - 1) + 1;
    const read = await journal.read({ from: next, maxRecords: 7 });
    if (read.length === 0) return records;
    for (const { sequence, payload } of read) records.push([sequence, Buffer.from(payload).toString()]);
  }
}

/** Appends numbered records at the same time. */
export async function fill(journal: Journal, count: number, size = 0): Promise<[number, string][]> {
  const values = Array.from({ length: count }, (_, n) => `${n}:${'x'.repeat(size)}`);
  const ranges = await Promise.all(values.map((value) => journal.append([text(value)])));
  return ranges.map(({ first }, n) => [first, values[n] ?? '']);
}
