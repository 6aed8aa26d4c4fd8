import type {
  AlertsResponse,
  LogsResponse,
  MetricSeriesResponse,
  MetricsResponse,
  QueryResponse,
  ServicesResponse,
  StatusResponse,
  TraceResponse,
  TracesResponse,
} from '@unhinged/observability-core';
import { logRecord, metricRecord, newSpanId, newTraceId, spanRecord } from '../testing/embedded/records.js';
import { runEmbedded, tempDir, until, type Running } from '../testing/embedded/run-embedded.js';

const query = async (running: Running, sql: string): Promise<QueryResponse> => {
  const response = await running.post('/api/query', { sql });
  const body = await response.text();
  if (!response.ok) throw new Error(body);
  return JSON.parse(body) as QueryResponse;
};

test('what is in the journal is answered by every endpoint', async () => {
  const running = await runEmbedded(await tempDir());
  const { append, get } = running;
  const traceId = newTraceId();
  const [web, gateway] = [newSpanId(), newSpanId()];
  const now = Date.now();
  await append(
    spanRecord({
      traceId,
      spanId: web,
      service: 'page',
      tier: 'web',
      kind: 3,
      name: 'click',
      endMs: now,
      durationMs: 50,
    }),
    spanRecord({
      traceId,
      spanId: gateway,
      parentSpanId: web,
      service: 'gate',
      tier: 'gateway',
      name: 'POST /send',
      endMs: now - 5,
      durationMs: 30,
    }),
    spanRecord({
      traceId,
      parentSpanId: gateway,
      service: 'chat',
      name: 'save',
      error: true,
      endMs: now - 10,
      durationMs: 10,
      attributes: { room: 'Blue Room' },
    }),
    logRecord({ traceId, message: 'it failed', level: 5, metadata: { room: 'Blue Room' } }),
    logRecord({ message: 'only a remark', level: 2 }),
    metricRecord({
      name: 'queue',
      unit: '1',
      data: {
        $case: 'gauge',
        value: {
          dataPoints: [{ timeUnixNano: BigInt(now) * 1_000_000n, value: { $case: 'asDouble', value: 7 } }],
        },
      },
    }),
  );

  const trace = await until('all spans', async () => {
    const { traces } = await get<TracesResponse>('/api/traces');
    return traces[0]?.spans === 3 ? traces[0] : undefined;
  });
  expect(trace).toMatchObject({
    ...{ traceId, rootName: 'click', rootService: 'page', durationMs: 50, errors: 1, complete: true },
    services: ['page', 'gate', 'chat'],
  });
  const { spans, logs } = await get<TraceResponse>(`/api/traces/${traceId}`);
  expect(spans.map(({ name, parentSpanId, tier, status }) => [name, parentSpanId, tier, status])).toEqual([
    ['click', '', 'web', 'unset'],
    ['POST /send', web, 'gateway', 'unset'],
    ['save', gateway, 'backend', 'error'],
  ]);
  expect(spans[2]).toMatchObject({
    ...{ statusMessage: 'it broke', scope: 'test-scope', kind: 'server', attributes: { room: 'Blue Room' } },
    resource: { 'service.name': 'chat', 'service.version': '1.2.3', 'deployment.environment.name': 'test' },
  });
  const { logs: failures } = await until('logs', async () => {
    const found = await get<LogsResponse>('/api/logs?level=warn');
    return found.logs.length > 0 ? found : undefined;
  });
  expect(failures).toEqual([
    expect.objectContaining({
      ...{ level: 'error', message: 'it failed', service: 'chat', traceId, flags: '-DL' },
      ...{
        attributes: { room: 'Blue Room' },
        error: expect.objectContaining({ type: 'TypeError' }) as unknown,
      },
    }),
  ]);
  expect(logs).toEqual(failures);

  expect((await get<MetricsResponse>('/api/metrics')).metrics).toEqual([
    { name: 'queue', unit: '1', description: '', type: 'gauge', services: ['chat'] },
  ]);
  expect((await get<MetricSeriesResponse>('/api/metrics/series?name=queue&service=chat')).series).toEqual([
    { service: 'chat', attributes: {}, points: [{ timeMs: now, value: 7 }] },
  ]);
  const { services } = await get<ServicesResponse>('/api/services');
  expect(services.map(({ service, tier, requests, errors }) => [service, tier, requests, errors])).toEqual([
    ['chat', 'backend', 1, 1],
    ['gate', 'gateway', 1, 0],
    ['page', 'web', 1, 0],
  ]);
  expect(Math.abs((services[0]?.p95Ms ?? 0) - 10)).toBeLessThanOrEqual(0.1);
  expect(await get<AlertsResponse>('/api/alerts')).toEqual({ alerts: [] });

  expect((await running.post('/api/flush', {})).status).toBe(200);
  const rows = await query(
    running,
    `select name from observability_traces where trace_id = '${traceId}' order by name`,
  );
  expect(rows.rows).toEqual([['POST /send'], ['click'], ['save']]);
  const status = await get<StatusResponse>('/api/status');
  expect(status).toMatchObject({
    ports: { grpc: 1, http: 2, prometheus: 3, console: running.embedded.consolePort },
    lake: { committedSequence: 6, pendingRows: 0, rows: { observability_traces: 3, observability_logs: 2 } },
    journal: { lastSequence: 6 },
  });
  expect(status.counters['unhinged_consumer_lag_records{consumer="lake"}']).toBe(0);
});

test('traces are found by service, error, duration and any text in them', async () => {
  const { append, get } = await runEmbedded(await tempDir());
  const [slow, failed, found] = [newTraceId(), newTraceId(), newTraceId()];
  await append(
    spanRecord({ traceId: slow, service: 'a', durationMs: 900 }),
    spanRecord({ traceId: failed, service: 'b', error: true }),
    spanRecord({ traceId: found, service: 'b', attributes: { customer: 'Mrs Ångström' } }),
  );
  await until('three traces', async () => (await get<TracesResponse>('/api/traces')).traces.length === 3);
  const ids = async (search: string) =>
    (await get<TracesResponse>(`/api/traces?${search}`)).traces.map(({ traceId }) => traceId);
  expect(await ids('service=a')).toEqual([slow]);
  expect(await ids('errors=1')).toEqual([failed]);
  expect(await ids('minMs=500')).toEqual([slow]);
  expect(await ids(`q=${encodeURIComponent('mrs ång')}`)).toEqual([found]);
  expect(await ids(`q=${failed.slice(3, 20)}`)).toEqual([failed]);
  expect(await ids('limit=1')).toHaveLength(1);
  expect(await ids('service=b&q=nowhere')).toEqual([]);
});

test('only what is for the lake reaches it, and what it holds survives a restart once', async () => {
  const dir = await tempDir();
  const first = await runEmbedded(dir);
  await first.append(logRecord({ message: 'stream only', flags: 2 }), logRecord({ message: 'both' }));
  await first.embedded.flush();
  await first.append(spanRecord(), logRecord({ message: 'later' }));
  await first.stop();

  const second = await runEmbedded(dir);
  // Without a flush: what was in the journal when the first one stopped is in the lake.
  expect(second.embedded.stats().lake.committedSequence).toBe(4);
  const rows = await query(second, 'select message from observability_logs order by message');
  expect(rows.rows).toEqual([['both'], ['later']]);
  const { logs } = await until('the log lines', async () => {
    const found = await second.get<LogsResponse>('/api/logs');
    return found.logs.length === 3 ? found : undefined;
  });
  expect(logs.map(({ message }) => message)).toEqual(['stream only', 'both', 'later']);
});

test('a journal that is not the one of the lake is refused with what to do', async () => {
  const dir = await tempDir();
  const first = await runEmbedded(dir);
  await first.append(spanRecord());
  await first.stop();
  const { rm } = await import('node:fs/promises');
  await rm(`${dir}/journal`, { recursive: true });
  await expect(runEmbedded(dir)).rejects.toMatchObject({ code: 'journal_behind_lake' });
});
