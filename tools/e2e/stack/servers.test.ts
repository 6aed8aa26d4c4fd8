import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

import { type RunningStack, startStack } from './running-stack.js';

const command = fileURLToPath(new URL('../../stack/main.mjs', import.meta.url));

describe('the servers that no request of the path goes through', () => {
  let stack: RunningStack;
  beforeAll(async () => {
    stack = await startStack(['redis', 's3']);
  });
  afterAll(() => stack.stop());

  /** An S3 request signed by curl. */
  function s3(path: string, args: string[]): { status: string; body: string } {
    const { stdout } = spawnSync('curl', [
      ...['--header', 'x-amz-content-sha256: UNSIGNED-PAYLOAD'],
      ...['--silent', '--aws-sigv4', 'aws:amz:us-east-1:s3', '--user', 'unhinged:unhinged-development'],
      ...['--write-out', '\n%{http_code}', ...args, `${stack.url('s3', 'http')}${path}`],
    ]);
    const [, body = '', status = ''] = /^([\s\S]*)\n(\d+)$/.exec(String(stdout)) ?? [];
    return { status, body };
  }

  test('the object store keeps an object, once: the condition that table commits rely on', () => {
    expect(s3('/lake', ['--request', 'PUT']).status).toBe('200');
    const put = ['--request', 'PUT', '--header', 'If-None-Match: *', '--data-binary', 'first'];
    expect(s3('/lake/00000.json', put).status).toBe('200');
    expect(s3('/lake/00000.json', put).status).toBe('412');
    expect(s3('/lake/00000.json', [])).toEqual({ status: '200', body: 'first' });
  });

  test('what runs is left alone by a second `up`, and status says where it is', async () => {
    const before = stack.status()['redis']?.pid;
    expect(before).toBeGreaterThan(0);
    await stack.up(['redis']);
    expect(stack.status()['redis']?.pid).toBe(before);
  });

  test('data survives `down`, and a crash', async () => {
    await stack.down(['s3']);
    await stack.up(['s3']);
    expect(s3('/lake/00000.json', []).body).toBe('first');
    await stack.kill('s3');
    await stack.up(['s3']);
    expect(s3('/lake/00000.json', []).body).toBe('first');
  });

  test('the command refuses a server and an offset that do not exist, by name', () => {
    const run = (...args: string[]) => spawnSync(process.execPath, [command, ...args], { encoding: 'utf8' });
    expect(run('up', 'kafak')).toMatchObject({
      status: 1,
      stderr: expect.stringContaining("no server 'kafak'") as string,
    });
    expect(run('status', '--offset', 'many')).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('--offset takes a whole number') as string,
    });
  });
});
