import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import {
  freePortOffset,
  postJson,
  query,
  runToEnd,
  type Running,
  startCommand,
  temporaryFolder,
} from './support/system.js';

describe('bad configuration', () => {
  const folder = temporaryFolder();
  afterAll(() => {
    folder.remove();
  });

  it('names the path of the wrong value in a policy', () => {
    const file = join(folder.path, 'policy.json');
    writeFileSync(file, JSON.stringify({ version: 1, alerts: { errorSpike: { ratio: 7 } } }));
    const { status, stderr } = runToEnd(['up', '--data', join(folder.path, 'a'), '--policy', file]);
    expect(status).toBe(2);
    expect(stderr).toContain('alerts.errorSpike.ratio');
  });

  it('says what is wrong with a data folder that is a file', () => {
    const file = join(folder.path, 'file');
    writeFileSync(file, '');
    const { status, stderr } = runToEnd(['up', '--data', file]);
    expect(status).toBe(1);
    expect(stderr).toContain(file);
  });

  it('names the bad character of LOG_FLAGS', () => {
    const { status, stdout } = runToEnd(['doctor', '--json', '--data', join(folder.path, 'a')], {
      LOG_FLAGS: 'CDX',
    });
    expect(status).toBe(1);
    expect(stdout).toMatch(/LOG_FLAGS/);
    expect(stdout).toMatch(/X/);
  });

  it('says which port is taken and by whom, and offers --port-offset', async () => {
    const offset = await freePortOffset();
    const shift = ['--port-offset', String(offset)];
    const up = await startCommand(['up', ...shift, '--data', join(folder.path, 'b')]);
    try {
      const { status, stderr } = runToEnd(['up', ...shift, '--data', join(folder.path, 'c')]);
      expect(status).toBe(1);
      expect(stderr).toContain(String(4317 + offset));
      expect(stderr).toContain(String(up.child.pid));
      expect(stderr).toContain('--port-offset');
      const locked = runToEnd([
        'up',
        '--port-offset',
        String(await freePortOffset()),
        '--data',
        join(folder.path, 'b'),
      ]);
      expect(locked.status).toBe(1);
      expect(locked.stderr).toContain(String(up.child.pid));
    } finally {
      await up.end('SIGTERM');
    }
  });
});

// A small file system in a mount namespace of the command's own: the only way to a truly full disk.
const canMount = spawnSync('unshare', ['-m', 'true']).status === 0;
(canMount ? describe : describe.skip)('a full disk', () => {
  const folder = temporaryFolder();
  let up: Running | undefined;
  afterAll(async () => {
    await up?.end('SIGKILL');
    folder.remove();
  });

  it('answers 503 with the reason, loses nothing it accepted and goes on when there is space', async () => {
    const offset = await freePortOffset();
    const mount = `mount -t tmpfs -o size=24m full ${folder.path} && exec "$@"`;
    const args = ['up', '--port-offset', String(offset), '--data', join(folder.path, 'data')];
    up = await startCommand(args, { wrap: ['unshare', '-m', 'sh', '-c', mount, 'sh'] });
    const inside = `/proc/${String(up.child.pid)}/root${folder.path}`;
    const url = `http://127.0.0.1:${String(4318 + offset)}/v1/logs`;
    const accepted: string[] = [];
    const send = async (): Promise<Response> => {
      const id = randomBytes(8).toString('hex');
      const record = {
        timeUnixNano: `${String(Date.now())}000000`,
        body: { stringValue: id + 'x'.repeat(50_000) },
      };
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords: [record] }] }] }),
      });
      if (response.ok) accepted.push(id);
      return response;
    };

    expect((await send()).status).toBe(200);
    const ballast = join(inside, 'ballast');
    writeFileSync(ballast, '');
    try {
      for (;;) writeFileSync(ballast, Buffer.alloc(256 * 1024), { flag: 'a' });
    } catch (error) {
      expect(error).toMatchObject({ code: 'ENOSPC' });
    }
    let refused = await send();
    for (let n = 0; refused.ok && n < 1_000; n++) refused = await send();
    expect(refused.status).toBe(503);
    expect(refused.headers.get('retry-after')).not.toBeNull();
    expect(await refused.text()).toMatch(/no space|ENOSPC/i);

    rmSync(ballast);
    let again = await send();
    for (let n = 0; !again.ok && n < 100; n++) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      again = await send();
    }
    expect(again.status).toBe(200);
    await postJson(`http://127.0.0.1:${String(4319 + offset)}/api/flush`, {});
    const rows = query(join(inside, 'data'), 'select left(message, 16) as id from observability_logs');
    expect(rows.map((row) => row['id']).sort()).toEqual(accepted.sort());
    expect(await up.end('SIGTERM')).toBe(0);
  });
});
