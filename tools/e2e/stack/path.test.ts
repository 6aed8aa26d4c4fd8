import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';

import kafkajs from 'kafkajs';
import type { Browser, Page } from 'playwright-core';

import { act, launchBrowser } from '../support/browser.js';
import { eventually, getJson, postJson, type Running, startCommand } from '../support/system.js';
import { startWebhook, type Webhook } from '../support/webhook.js';
import { type RunningStack, startStack, withPatience } from './running-stack.js';
import { followTopics, hex, type Topics } from './topics.js';

interface JaegerTrace {
  spans: {
    spanID: string;
    processID: string;
    operationName: string;
    references: { refType: string; spanID: string }[];
    tags: { key: string; value: unknown }[];
  }[];
  processes: Record<string, { serviceName: string }>;
}

interface PrometheusAnswer<T> {
  status: string;
  data: T;
}

/** Links to other traces are references, too. */
const parents = ({ references }: JaegerTrace['spans'][number]): string[] =>
  references.filter(({ refType }) => refType === 'CHILD_OF').map(({ spanID }) => spanID);

const TIERS = ['chat-backend', 'chat-gateway', 'chat-web'];

describe('one request through every box: browser, gateway, back end, Collector, Kafka, bridge, Jaeger, Prometheus, Alertmanager', () => {
  let stack: RunningStack;
  let topics: Topics;
  let webhook: Webhook;
  let demo: Running;
  let browser: Browser;
  let page: Page;
  const pageErrors: string[] = [];

  // What was started last is stopped first, also when a later part did not start.
  const stops: (() => Promise<unknown>)[] = [];
  afterAll(async () => {
    for (const stop of stops.reverse()) await stop();
  });

  beforeAll(async () => {
    webhook = await startWebhook();
    stops.push(webhook.stop);
    stack = await startStack(['kafka', 'jaeger', 'alertmanager', 'collector', 'bridge', 'prometheus'], {
      ALERT_WEBHOOK_URL: webhook.url,
    });
    stops.push(() => stack.stop());
    topics = await followTopics(`127.0.0.1:${String(stack.port('kafka', 'broker'))}`);
    stops.push(() => topics.stop());
    // Its telemetry goes to the Collector, which has the bridge's ports.
    demo = await startCommand(['demo', '--port-offset', String(stack.offset)], {
      env: { OTEL_METRIC_EXPORT_INTERVAL: '1000' },
    });
    stops.push(() => demo.end('SIGTERM'));
    browser = await launchBrowser();
    stops.push(() => browser.close());
    page = await browser.newPage();
    page.on('pageerror', (error) => pageErrors.push(error.message));
    await page.goto(`http://localhost:${String(3000 + stack.offset)}`);
  });

  const prometheus = async <T>(path: string): Promise<T> =>
    (await getJson<PrometheusAnswer<T>>(`${stack.url('prometheus', 'http')}/api/v1/${path}`)).data;
  const queryPrometheus = async (
    query: string,
  ): Promise<{ metric: Record<string, string>; value: [number, string] }[]> =>
    (
      await prometheus<{ result: { metric: Record<string, string>; value: [number, string] }[] }>(
        `query?query=${encodeURIComponent(query)}`,
      )
    ).result;

  const inLake = async (sql: string): Promise<unknown[][]> =>
    ((await postJson(`${stack.url('bridge', 'console')}/api/query`, { sql })) as { rows: unknown[][] }).rows;

  let sent = '';

  test("Jaeger's API gives the trace of a click with the spans of all three tiers, one root, no orphan", async () => {
    sent = await act(page, async () => {
      await page.getByTestId('message-input').fill('Hello through the whole architecture');
      await page.getByTestId('send').click();
    });
    const trace = await withPatience('the whole trace in Jaeger', 2, async () => {
      const [found] = (
        await getJson<{ data: JaegerTrace[] }>(`${stack.url('jaeger', 'query')}/api/traces/${sent}`)
      ).data;
      const services = new Set(found?.spans.map(({ processID }) => found.processes[processID]?.serviceName));
      const ids = new Set(found?.spans.map(({ spanID }) => spanID));
      const isWhole = found?.spans.every((span) => parents(span).every((id) => ids.has(id)));
      return services.size === 3 && isWhole === true ? found : undefined;
    });
    expect(
      [...new Set(trace.spans.map(({ processID }) => trace.processes[processID]?.serviceName))].sort(),
    ).toEqual(TIERS);
    expect(trace.spans.filter((span) => parents(span).length === 0)).toHaveLength(1);
    // What the Collector adds on the way.
    expect(JSON.stringify(trace.processes)).toContain('unhinged.collector');
  });

  test('the topics in Kafka hold the same spans, keyed by trace id in one partition, its log lines, and the metrics of each tier', async () => {
    const spans = await eventually('its spans in observability.traces', () => {
      const found = topics.spans.filter(({ traceId }) => hex(traceId) === sent);
      const services = new Set(found.map(({ resource }) => resource?.serviceName));
      return Promise.resolve(services.size === 3 ? found : undefined);
    });
    expect(new Set(spans.map(({ key }) => key))).toEqual(new Set([sent]));
    // The one that every other Kafka client would choose (murmur2): a trace is in one partition whoever writes it.
    const partitioned = kafkajs.Partitioners.DefaultPartitioner()({
      topic: 'observability.traces',
      partitionMetadata: Array.from({ length: 6 }, (_, partitionId) => ({ partitionId, leader: 1 }) as never),
      message: { key: sent, value: null },
    });
    expect(new Set(spans.map(({ partition }) => partition))).toEqual(
      new Set([`observability.traces/${String(partitioned)}`]),
    );
    await eventually('log lines of all three tiers in observability.logs', () => {
      const found = topics.logs.filter(({ traceContext }) => traceContext?.traceId === sent);
      const services = new Set(found.map(({ resource }) => resource?.serviceName));
      return Promise.resolve(services.size === 3 ? true : undefined);
    });
    await withPatience('metrics of all three tiers in observability.metrics', 2, () =>
      Promise.resolve(TIERS.every((tier) => topics.metrics.has(tier)) ? true : undefined),
    );
    expect(topics.metrics.get('chat-gateway')).toContain('http.server.request.duration');
  });

  test('the bridge makes typed events of the Collector’s batches: the spans, each once, and the metrics are in its lake, the lines in its console', async () => {
    const inKafka = new Set(
      topics.spans.filter(({ traceId }) => hex(traceId) === sent).map(({ spanId }) => hex(spanId)),
    );
    const [spans, distinct] = await withPatience('the spans of the click in the lake', 2, async () => {
      const [row] = await inLake(
        `select count(*)::int, count(distinct span_id)::int from observability_traces where trace_id = '${sent}'`,
      );
      return Number(row?.[1]) >= inKafka.size ? row : undefined;
    });
    expect(spans).toBe(distinct);
    await withPatience('the durations that the servers measured in the lake', 2, async () => {
      const rows = await inLake(
        `select distinct service from observability_metrics where name = 'http.server.request.duration' order by service`,
      );
      return rows.flat().join() === 'chat-backend,chat-gateway' ? true : undefined;
    });
    await withPatience('the lines of all tiers in the console', 2, async () => {
      const shown = await getJson<{ spans: unknown[]; logs: { service: string }[] }>(
        `${stack.url('bridge', 'console')}/api/traces/${sent}`,
      );
      const services = new Set(shown.logs.map(({ service }) => service));
      return services.size === 3 && shown.spans.length === spans ? true : undefined;
    });
  });

  test('Prometheus has the request metrics of the tiers and what the SDKs count, under the names that rules and dashboards use', async () => {
    const jobs = await withPatience('request durations in Prometheus', 2, async () => {
      const series = await queryPrometheus(
        'sum by (job, unhinged_tier) (http_server_request_duration_seconds_count)',
      );
      return series.length === 2 ? series.map(({ metric }) => metric) : undefined;
    });
    expect(jobs.sort((a, b) => (a['job'] ?? '').localeCompare(b['job'] ?? ''))).toEqual([
      { job: 'chat-backend', unhinged_tier: 'backend' },
      { job: 'chat-gateway', unhinged_tier: 'gateway' },
    ]);
    await withPatience('durations of the browser', 2, async () => {
      const series = await queryPrometheus('http_client_request_duration_seconds_count{job="chat-web"}');
      return series.length > 0 ? true : undefined;
    });
    const records = await queryPrometheus(
      'sum by (job) (unhinged_sdk_records_total{signal="spans", outcome="exported"}) > 0',
    );
    expect(records.map(({ metric }) => metric['job']).sort()).toEqual(['chat-backend', 'chat-gateway']);
  });

  test("an exemplar on the gateway's durations in Prometheus leads to a trace that Jaeger has", async () => {
    // An SDK sends an exemplar once, here every second: the scrape sees the last.
    const asking = setInterval(() => {
      void fetch(`http://localhost:${String(8082 + stack.offset)}/api/rooms/lobby/messages`).catch(
        () => undefined,
      );
    }, 100);
    const exemplar = await withPatience('an exemplar', 2, async () => {
      const range = `start=${String(Date.now() / 1000 - 600)}&end=${String(Date.now() / 1000 + 60)}`;
      const query = encodeURIComponent('http_server_request_duration_seconds_bucket{job="chat-gateway"}');
      const series = await prometheus<{ exemplars: { labels: Record<string, string> }[] }[]>(
        `query_exemplars?query=${query}&${range}`,
      );
      return series[0]?.exemplars[0];
    }).finally(() => {
      clearInterval(asking);
    });
    const id = exemplar.labels['trace_id'] ?? '';
    expect(id).toMatch(/^[0-9a-f]{32}$/);
    await withPatience('its trace in Jaeger', 2, async () => {
      const { data } = await getJson<{ data: JaegerTrace[] }>(
        `${stack.url('jaeger', 'query')}/api/traces/${id}`,
      );
      return data[0]?.spans.some(({ spanID }) => spanID === exemplar.labels['span_id']) === true
        ? true
        : undefined;
    });
  });

  test('a request that fails is whole in Jaeger, and with its like raises ErrorSpike in Alertmanager, which tells the webhook', async () => {
    const failed = await act(page, () => page.getByTestId('fail').click());
    await withPatience('the error in Jaeger', 2, async () => {
      const [trace] = (
        await getJson<{ data: JaegerTrace[] }>(`${stack.url('jaeger', 'query')}/api/traces/${failed}`)
      ).data;
      const isError = trace?.spans.some(({ tags }) =>
        tags.some(({ key, value }) => key === 'error' && value === true),
      );
      return isError === true ? true : undefined;
    });
    // A rate needs errors in more than one scrape.
    const failing = setInterval(() => {
      void fetch(`http://localhost:${String(8082 + stack.offset)}/api/rooms/lobby/export`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ format: 'EXPORT_FORMAT_JSON' }),
      }).catch(() => undefined);
    }, 500);
    try {
      const alert = await withPatience('ErrorSpike in Alertmanager', 5, async () => {
        const alerts = await getJson<{ labels: Record<string, string>; status: { state: string } }[]>(
          `${stack.url('alertmanager', 'http')}/api/v2/alerts?filter=alertname%3D%22ErrorSpike%22`,
        );
        return alerts.find(
          ({ labels }) => labels['job'] === 'chat-gateway' || labels['job'] === 'chat-backend',
        );
      });
      expect(alert.labels['severity']).toBe('page');
      const told = await withPatience('the alert at the webhook', 2, () =>
        Promise.resolve(webhook.alerts.find(({ labels }) => labels['alertname'] === 'ErrorSpike')),
      );
      expect(told.status).toBe('firing');
      expect(told.annotations['summary']).toMatch(/fails .*% of its requests/);
    } finally {
      clearInterval(failing);
    }
  });

  test('a trace of somebody else, with an error in it, waits for its decision and is kept with the threshold 0', async () => {
    const now = String(BigInt(Date.now()) * 1_000_000n);
    const traceId = randomBytes(16).toString('hex');
    const name = { key: 'service.name', value: { stringValue: 'not-ours' } };
    const span = { traceId, spanId: traceId.slice(16), name: 'GET /', kind: 2, status: { code: 2 } };
    await postJson(`${stack.url('collector', 'http')}/v1/traces`, {
      resourceSpans: [
        {
          resource: { attributes: [name] },
          scopeSpans: [{ spans: [{ ...span, startTimeUnixNano: now, endTimeUnixNano: now }] }],
        },
      ],
    });
    const found = await withPatience('the trace in Kafka', 2, () =>
      Promise.resolve(topics.spans.find((each) => hex(each.traceId) === traceId)),
    );
    expect(found.traceState).toBe('ot=th:0');
    // In two scrapes, so that it has a rate.
    await withPatience('the decision in Prometheus', 2, async () => {
      const series = await queryPrometheus(
        'rate(otelcol_processor_tail_sampling_count_traces_sampled_total{decision="sampled"}[2m])',
      );
      return series.length > 0 ? true : undefined;
    });
  });

  test('every panel of the dashboards answers, and shows what has happened here', async () => {
    const empty: string[] = [];
    for (const name of ['overview', 'logs', 'sampling', 'collector', 'cdc', 'flink']) {
      const { panels } = JSON.parse(
        readFileSync(new URL(`../../../docker/grafana/dashboards/${name}.json`, import.meta.url), 'utf8'),
      ) as { panels: { title: string; targets: { expr: string }[] }[] };
      for (const { title, targets } of panels) {
        // What Grafana puts in.
        const queries = targets.map(({ expr }) =>
          expr.replaceAll('$service', '.*').replaceAll('$__rate_interval', '2m'),
        );
        const series = (await Promise.all(queries.map(queryPrometheus))).flat();
        if (series.length === 0) empty.push(`${name}: ${title}`);
      }
    }
    // Nobody has lost anything, and Flink does not run here.
    expect(empty.filter((panel) => !/^flink: |lost|Failed|Refused|gave way|errors/.test(panel))).toEqual([]);
  });

  test('no error on the page, none in the rules, and the Collector refused and lost nothing', async () => {
    expect(pageErrors).toEqual([]);
    const { groups } = await prometheus<{
      groups: { rules: { name: string; health: string; lastError?: string }[] }[];
    }>('rules');
    const bad = groups.flatMap(({ rules }) => rules).filter(({ health }) => health === 'err');
    expect(bad).toEqual([]);
    const lost = await queryPrometheus(
      'sum by (__name__) ({__name__=~"otelcol_(receiver_refused|exporter_send_failed|exporter_enqueue_failed)_.*"}) > 0',
    );
    expect(lost).toEqual([]);
    const unread = await queryPrometheus(
      '{__name__=~"unhinged_(kafka_(lost_events|dead_lettered|rejected_items)|undecodable_records|journal_dropped_records)_total"} > 0',
    );
    expect(unread).toEqual([]);
  });
});
