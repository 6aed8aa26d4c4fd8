import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defaultPolicy } from '@unhinged/observability-core';
import { resolveOptions } from './options.js';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'bridge-options-'));
});
afterEach(() => {
  rmSync(dir, { recursive: true });
});

test('defaults are the ports of OpenTelemetry, on this machine only', () => {
  const dataDir = join(dir, 'new', 'folder');
  expect(resolveOptions({ dataDir, ports: { grpc: 0 } })).toMatchObject({
    dataDir,
    host: '127.0.0.1',
    ports: { grpc: 0, http: 4318, prometheus: 8889, console: 4319 },
    limits: { requestBytes: 16_777_216, inFlightBytes: 67_108_864 },
    policy: defaultPolicy,
    webhooks: [],
  });
});

test.each<[object, string, string]>([
  [{ dataDir: '' }, 'bad_option', 'Bad option dataDir: expected the path of a folder, got "".'],
  [{ port: 1 }, 'bad_option', 'Bad option port: expected one of the options dataDir, host, ports,'],
  [
    { ports: { http: 70_000 } },
    'bad_option',
    'Bad option ports.http: expected a whole number from 0 to 65535, got 70000.',
  ],
  [
    { ports: { htpp: 1 } },
    'bad_option',
    'Bad option ports.htpp: expected one of the options grpc, http, prometheus, console',
  ],
  [
    { limits: { requestBytes: '1' } },
    'bad_option',
    'Bad option limits.requestBytes: expected a whole number from 1',
  ],
  [{ corsOrigins: ['localhost'] }, 'bad_option', 'Bad option corsOrigins[0]: expected an origin such as'],
  [
    { webhooks: ['ftp://a'] },
    'bad_option',
    'Bad option webhooks[0]: expected an http or https URL, got "ftp://a".',
  ],
  [{ webhooks: 'http://a' }, 'bad_option', 'Bad option webhooks: expected a list'],
  [{ policy: { lakes: 1 } }, 'bad_policy', 'lakes'],
  [
    { kafka: { broker: 'localhost:9092' } },
    'bad_option',
    'Bad option kafka.broker: expected one of the options brokers, groupId, ssl, sasl',
  ],
])('%j is refused with its name', (options, code, message) => {
  expect(() => resolveOptions({ dataDir: dir, ...options })).toThrow(
    expect.objectContaining({ code, message: expect.stringContaining(message) as string }) as Error,
  );
});

test('a data folder that cannot be used is named', () => {
  const file = join(dir, 'file');
  writeFileSync(file, '');
  expect(() => resolveOptions({ dataDir: file })).toThrow(
    expect.objectContaining({ code: 'data_dir', message: expect.stringContaining(file) as string }) as Error,
  );
});
