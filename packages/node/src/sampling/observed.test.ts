import { expect, test } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NodeStats } from '../start-node.js';
import { SERVER, useHarness } from '../testing/harness.js';
import { eventually } from '../testing/run-app.js';

const harness = useHarness();

test('a policy file at work: errors leave, the rest does not, metrics count all of it; a bad file changes nothing, a good one does', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'policy-'));
  try {
    const path = join(dir, 'policy.json');
    const write = (rate: unknown) => {
      writeFileSync(path, JSON.stringify({ sampling: { table: { gateway: { rate } } } }));
    };
    write(0);
    const app = await harness.start('sampling/observed.js', {
      UNHINGED_POLICY: path,
      NODE_ENV: 'production',
    });
    const get = async (route: string) => (await fetch(`${app.url}${route}`)).text();
    const stats = async () => JSON.parse(await get('/stats')) as NodeStats;
    await eventually('the policy', async () => (await stats()).policy.loaded === 1);

    for (let n = 0; n < 20; n++) await get('/ok');
    await get('/fail');
    await eventually('the failed request', () => harness.receiver.spans.length > 0);
    expect(harness.receiver.spans.map(({ kind, status }) => [kind, status?.code])).toEqual([[SERVER, 2]]);
    const text = await get('/text');
    const counted = (status: number) =>
      Number(
        new RegExp(
          `^http_server_request_duration_seconds_count\\{[^}]*status_code="${status}"[^}]*\\} (\\d+)`,
          'm',
        ).exec(text)?.[1],
      );
    expect(counted(200)).toBeGreaterThanOrEqual(20);
    expect(counted(500)).toBe(1);
    expect(text).toMatch(/unhinged_sdk_sampling\w*\{[^}]*event="policy_loaded"[^}]*\} 1/);

    write(7);
    await eventually('the bad policy', async () => (await stats()).policy.rejected === 1);
    await get('/ok');
    expect(harness.receiver.spans).toHaveLength(1);
    expect(app.stderr()).toMatch(/sampling\.table\.gateway\.rate: expected a number from 0 to 1, got 7/);

    write(1);
    await eventually('the new policy', async () => (await stats()).policy.loaded === 2);
    await get('/ok');
    await eventually('an ordinary request', () => harness.receiver.spans.length > 1);

    const { spans } = await stats();
    const dropped = Object.values(spans.dropped).reduce((sum, count) => sum + count, 0);
    expect(spans.created).toBe(spans.exported + spans.sampledOut + dropped + spans.queued);
    // Some are still held, in case another tier keeps their trace.
    expect(spans.sampledOut + spans.queued).toBeGreaterThanOrEqual(20);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
});
