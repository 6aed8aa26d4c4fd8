import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import { freePortOffset, killAll, start, unhinged, type Running } from './testing/command.js';

jest.setTimeout(90_000);

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'unhinged-cli-'));
});
afterEach(async () => {
  await killAll();
  rmSync(folder, { recursive: true, force: true });
});

async function up(args: readonly string[] = []): Promise<{ command: Running; offset: number; data: string }> {
  const offset = await freePortOffset();
  const data = join(folder, 'data');
  const command = start(['up', '--data', data, '--port-offset', String(offset), ...args]);
  await command.line(/^ready$/);
  return { command, offset, data };
}

/** One span and one log line, over OTLP/HTTP as JSON. */
async function send(offset: number, name: string): Promise<void> {
  const nano = `${Date.now()}000000`;
  const resource = { attributes: [{ key: 'service.name', value: { stringValue: 'test' } }] };
  const span = {
    traceId: 'ab'.repeat(16),
    spanId: 'cd'.repeat(8),
    name,
    startTimeUnixNano: nano,
    endTimeUnixNano: nano,
  };
  const log = { timeUnixNano: nano, severityNumber: 17, body: { stringValue: `${name}\u001b[31m` } };
  const bodies = {
    traces: { resourceSpans: [{ resource, scopeSpans: [{ spans: [span] }] }] },
    logs: { resourceLogs: [{ resource, scopeLogs: [{ logRecords: [log] }] }] },
  };
  for (const [signal, body] of Object.entries(bodies)) {
    const response = await fetch(`http://127.0.0.1:${4318 + offset}/v1/${signal}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    expect(response.status).toBe(200);
  }
}

describe('unhinged up', () => {
  it('takes a span, keeps it when it is stopped, and query finds it', async () => {
    const { command, offset, data } = await up();
    expect(command.stdout.join('\n')).toContain(`http://localhost:${4319 + offset}`);
    await send(offset, 'first');
    command.child.kill('SIGTERM');
    expect(await command.ended).toBe(0);
    const sql = 'select name, service, hour from observability_traces';
    const { status, stdout } = unhinged(['query', '--data', data, '--json', sql]);
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ name: 'first', service: 'test' });
  });

  it('writes Parquet at the interval it is told', async () => {
    const { offset, data } = await up(['--flush-interval', '1', '--json']);
    await send(offset, 'soon');
    for (let n = 0; n < 100; n++) {
      const { stdout } = unhinged([
        'query',
        '--data',
        data,
        '--json',
        'select name from observability_traces',
      ]);
      if (stdout === '{"name":"soon"}\n') return;
    }
    throw new Error('The span did not reach the lake.');
  });

  it('ends with 1 on a taken port and names it, its use, its holder and the way out', async () => {
    const { command, offset } = await up();
    const { status, stderr } = unhinged(['up', '--data', join(folder, 'b'), '--port-offset', String(offset)]);
    expect(status).toBe(1);
    for (const port of [4317, 4318, 4319, 8889]) expect(stderr).toContain(`Port ${port + offset}`);
    expect(stderr).toContain('OTLP/gRPC');
    expect(stderr).toContain(`process ${String(command.child.pid)} (`);
    expect(stderr).toContain('--port-offset');
  });

  it('ends with 2 on a bad policy and with 1 on a data folder that is a file', () => {
    const policy = join(folder, 'policy.json');
    writeFileSync(policy, '{"alerts":{"errorSpike":{"ratio":7}}}');
    const bad = unhinged(['up', '--data', join(folder, 'data'), '--policy', policy]);
    expect(bad).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('alerts.errorSpike.ratio') as string,
    });
    writeFileSync(policy, '{');
    expect(unhinged(['up', '--policy', policy]).stderr).toContain('is not JSON');
    expect(unhinged(['up', '--policy', join(folder, 'none')]).status).toBe(2);
  });

  it('ends with 1 when the data folder is a file', async () => {
    const file = join(folder, 'file');
    writeFileSync(file, '');
    const { status, stderr } = unhinged([
      'up',
      '--data',
      file,
      '--port-offset',
      String(await freePortOffset()),
    ]);
    expect(status).toBe(1);
    expect(stderr).toContain(file);
  });
});

describe('unhinged query', () => {
  it('asks a running console by its address', async () => {
    const { offset } = await up();
    const url = `http://127.0.0.1:${4319 + offset}`;
    const { stdout, status } = unhinged([
      'query',
      '--url',
      url,
      '--format',
      'csv',
      `select 1 as a, 'x,"y"' as b`,
    ]);
    expect(stdout).toBe('a,b\r\n1,"x,""y"""\r\n');
    expect(status).toBe(0);
    expect(unhinged(['query', '--url', url, 'selec 1']).status).toBe(2);
  });

  it('ends with 2 on a bad query and says what is wrong, with 1 where there is no lake', () => {
    expect(unhinged(['query', '--data', folder, 'select 1'])).toMatchObject({ status: 1 });
    expect(unhinged(['query', '--url', 'http://127.0.0.1:9', 'select 1'])).toMatchObject({ status: 1 });
    expect(unhinged(['query'])).toMatchObject({ status: 2 });
    expect(unhinged(['query', '--format', 'xml', 'select 1'])).toMatchObject({ status: 2 });
    expect(unhinged(['query', '--max-rows', '0', 'select 1'])).toMatchObject({ status: 2 });
  });
});

describe('unhinged tail', () => {
  it('follows log lines and spans, and connects again after the other side was away', async () => {
    const { command, offset, data } = await up();
    const url = ['--url', `http://127.0.0.1:${4319 + offset}`];
    const logs = start(['tail', 'logs', '--level', 'error', ...url]);
    const spans = start(['tail', 'spans', '--json', '--service', 'test', ...url]);
    const following = async (tail: Running, times: number) => {
      for (let n = 0; n < 1_500; n++) {
        if (tail.stderr.filter((line) => line.startsWith('Following')).length >= times) return;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      throw new Error(tail.stderr.join('\n'));
    };
    await Promise.all([following(logs, 1), following(spans, 1)]);
    await send(offset, 'live');
    // Control characters of a line do not reach the terminal.
    expect(await logs.line(/live/)).toMatch(/ERROR test {2}live·\[31m/);
    expect(JSON.parse(await spans.line(/live/))).toMatchObject({ name: 'live', service: 'test' });

    command.child.kill('SIGTERM');
    expect(await command.ended).toBe(0);
    const again = start(['up', '--data', data, '--port-offset', String(offset)]);
    await again.line(/^ready$/);
    await following(logs, 2);
    await send(offset, 'back');
    await logs.line(/back/);
    logs.child.kill('SIGINT');
    expect(await logs.ended).toBe(0);
  });
});

describe('unhinged doctor', () => {
  const findings = (stdout: string) =>
    stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { check: string; status: string; message: string; fix?: string });

  it('sends a span through both doors of a running bridge and sees it come out', async () => {
    const { offset, data } = await up();
    const { stdout, status } = unhinged([
      'doctor',
      '--json',
      '--data',
      data,
      '--port-offset',
      String(offset),
    ]);
    const found = new Map(findings(stdout).map((finding) => [finding.check, finding.status]));
    for (const check of ['node', 'bridge', 'otlp-http', 'otlp-grpc', 'prometheus', 'data']) {
      expect([check, found.get(check)]).toEqual([check, 'ok']);
    }
    expect(status).toBe(0);
  });

  it('names who holds a port that is not ours', async () => {
    const offset = await freePortOffset();
    const server = await new Promise<Server>((resolve) => {
      const listening = createServer().listen(4318 + offset, '127.0.0.1', () => {
        resolve(listening);
      });
    });
    try {
      const { stdout, status } = unhinged([
        'doctor',
        '--json',
        '--data',
        folder,
        '--port-offset',
        String(offset),
      ]);
      expect(status).toBe(1);
      const broken = findings(stdout).filter((finding) => finding.status === 'fail');
      expect(broken).toHaveLength(1);
      expect(broken[0]?.message).toContain(
        `Port ${4318 + offset}, for OTLP/HTTP, is taken by process ${process.pid}`,
      );
    } finally {
      await new Promise((resolve) => server.close(resolve));
    }
  });

  it.each([
    [{ LOG_FLAGS: 'CDX' }, 'LOG_FLAGS', '"X" at position 3'],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'localhost:4317' }, 'OTEL_EXPORTER_OTLP_ENDPOINT', 'not an address'],
    [{ OTEL_EXPORTER_OTLP_PROTOCOL: 'http' }, 'OTEL_EXPORTER_OTLP_PROTOCOL', 'not a protocol'],
    [
      { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://h:4317', OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf' },
      'OTEL_EXPORTER_OTLP_ENDPOINT',
      'port 4317',
    ],
    [{ OTEL_RESOURCE_ATTRIBUTES: 'a=b,c' }, 'OTEL_RESOURCE_ATTRIBUTES', '"c" is not key=value'],
  ])('with %j finds what is wrong with %s', async (env, check, message) => {
    const args = ['doctor', '--json', '--data', folder, '--port-offset', String(await freePortOffset())];
    const { stdout, status } = unhinged(args, env);
    expect(status).toBe(1);
    const broken = findings(stdout).find((finding) => finding.check === check);
    expect(broken).toMatchObject({ status: 'fail', message: expect.stringContaining(message) as string });
    expect(broken?.fix).toBeTruthy();
  });
});

describe('every command', () => {
  it.each(['up', 'demo', 'query', 'tail', 'doctor'])(
    '%s has help with examples and exit codes',
    (command) => {
      const { stdout, status } = unhinged([command, '--help']);
      expect(status).toBe(0);
      expect(stdout).toMatch(/Examples:/);
      expect(stdout).toMatch(/exit code/i);
      expect(stdout).toContain('--json');
    },
  );

  it('ends with 2 for what it does not know', () => {
    expect(unhinged(['frobnicate']).status).toBe(2);
    expect(unhinged(['up', '--frobnicate']).status).toBe(2);
    expect(unhinged(['up', '--port-offset', '-1']).status).toBe(2);
  });

  it('has the version of the package', () => {
    const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
      version: string;
    };
    expect(unhinged(['--version']).stdout.trim()).toBe(version);
  });
});
