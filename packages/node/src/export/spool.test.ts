import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { startCollector, TAKE, UNAVAILABLE, type Collector } from '../testing/collector.js';
import { eventually, runApp } from '../testing/run-app.js';

jest.setTimeout(60_000);
let collector: Collector;
let folder: string;
beforeEach(async () => {
  collector = await startCollector();
  folder = await mkdtemp(join(tmpdir(), 'spool-'));
});
afterEach(async () => {
  await collector.stop();
  await rm(folder, { recursive: true, force: true });
});

test('kill -9 during an outage loses nothing that was spooled: the next start delivers it', async () => {
  collector.answer = () => UNAVAILABLE;
  const run = (env: Record<string, string>) =>
    runApp(
      'programs/spooling.js',
      {
        OTEL_EXPORTER_OTLP_ENDPOINT: collector.grpcUrl,
        UNHINGED_SPOOL_DIR: folder,
        ...env,
      },
      [],
    );
  const first = await run({ FIRST: '0', STAY: '1' });
  expect(JSON.parse(first.stdout().split('\n')[0] ?? '')).toMatchObject({ created: 3_000, queued: 3_000 });
  first.process.kill('SIGKILL');
  await first.ended;
  expect(collector.taken).toEqual([]);
  collector.answer = () => TAKE;
  const second = await run({ FIRST: '3000' });
  expect(await second.ended).toEqual({ code: 0, signal: null });
  await eventually('all lines', () => new Set(collector.taken).size === 6_000);
  expect(JSON.parse(second.stdout())).toMatchObject({
    created: 6_000,
    exported: 6_000,
    dropped: {},
    queued: 0,
  });
});
