// What the dashboards show. The names of the metrics are those of the SDKs, the bridge, the Collector and Flink as Prometheus has them.
import { dashboard, lines, numbers, table } from './panels.mjs';

const services = { service: 'label_values(target_info, job)' };
const server = 'http_server_request_duration_seconds';
const client = 'http_client_request_duration_seconds';
const errors = 'http_response_status_code=~"5.."';
const rate = (metric, labels = '') =>
  `rate(${metric}{job=~"$service"${labels && `, ${labels}`}}[$__rate_interval])`;
const quantile = (q, metric, by = 'job', labels = '') =>
  `histogram_quantile(${q}, sum by (${by}, le) (${rate(`${metric}_bucket`, labels)}))`;

/** Rate, errors and duration of a tier. */
const red = (tier, metric, labels = '', by = 'job') => [
  lines(
    `${tier}: requests`,
    'reqps',
    { [`{{${by}}}`]: `sum by (${by}) (${rate(`${metric}_count`, labels)})` },
    { width: 8 },
  ),
  lines(
    `${tier}: share of errors`,
    'percentunit',
    {
      [`{{${by}}}`]:
        `sum by (${by}) (${rate(`${metric}_count`, [labels, errors].filter(Boolean).join(', '))})` +
        ` / sum by (${by}) (${rate(`${metric}_count`, labels)})`,
    },
    { width: 8, min: 0 },
  ),
  lines(
    `${tier}: duration`,
    's',
    {
      [`{{${by}}} p50`]: quantile(0.5, metric, by, labels),
      [`{{${by}}} p95`]: quantile(0.95, metric, by, labels),
      [`{{${by}}} p99`]: quantile(0.99, metric, by, labels),
    },
    { width: 8 },
  ),
];

const overview = dashboard(
  'unhinged-overview',
  'Overview',
  'Rate, errors and duration of each tier. Metrics are recorded before sampling. A point on a duration leads to its trace where the SDK records exemplars.',
  services,
  [
    numbers(
      'Firing alerts',
      'none',
      { alerts: 'count(ALERTS{alertstate="firing"}) or vector(0)' },
      { width: 4 },
    ),
    numbers('Services', 'none', { services: 'count(group by (job) (target_info))' }, { width: 4 }),
    numbers(
      'Error budget burn, 1 h',
      'none',
      { '{{job}}': 'service:error_ratio:rate1h{job=~"$service"} / 0.001' },
      { width: 16, description: '1 uses up the budget of 99.9 % in exactly 30 days; 14.4 pages.' },
    ),
    ...red('Browser', client, 'unhinged_tier="web"'),
    ...red('Gateway', server, 'unhinged_tier="gateway"'),
    ...red('Back end', server, 'unhinged_tier="backend"'),
    table(
      'Slowest routes, p95',
      's',
      { '': `topk(15, ${quantile(0.95, server, 'job, http_request_method, http_route')})` },
      { width: 12 },
    ),
    table(
      'Routes with errors, per second',
      'reqps',
      {
        '': `topk(15, sum by (job, http_request_method, http_route) (${rate(`${server}_count`, errors)}) > 0)`,
      },
      { width: 12 },
    ),
  ],
);

const records = (signal, outcome) =>
  `sum by (job) (${rate('unhinged_sdk_records_total', `signal="${signal}", outcome="${outcome}"`)})`;

const logs = dashboard(
  'unhinged-logs',
  'Logs',
  'How many lines the services write and where they end. The lines themselves are in the lake and in the topic observability.logs.',
  services,
  [
    lines('Lines created', 'cps', { '{{job}}': records('logs', 'created') }),
    lines('Lines accepted by the Collector or the bridge', 'cps', { '{{job}}': records('logs', 'exported') }),
    lines('Lines lost, by reason', 'cps', {
      '{{job}} {{reason}}': `sum by (job, reason) (${rate('unhinged_sdk_records_total', 'signal="logs", outcome="dropped"')})`,
    }),
    lines('Lines waiting in the services', 'none', {
      '{{job}}': 'sum by (job) (unhinged_sdk_queued{signal="logs", job=~"$service"})',
    }),
    lines('Lines through the Collector', 'cps', {
      'in {{receiver}}':
        'sum by (receiver) (rate(otelcol_receiver_accepted_log_records_total[$__rate_interval]))',
      'out {{exporter}}':
        'sum by (exporter) (rate(otelcol_exporter_sent_log_records_total[$__rate_interval]))',
    }),
    lines('Lines to the console', 'cps', { '{{job}}': records('console', 'exported') }),
  ],
);

const cdc = dashboard(
  'unhinged-cdc',
  'CDC pipeline',
  'What comes into the bridge, sent to it and read from Kafka, its journal, and how far behind each consumer is.',
  {},
  [
    lines('Items in', 'cps', {
      'read from Kafka': 'rate(unhinged_kafka_events_total[$__rate_interval])',
      'accepted {{signal}}': 'sum by (signal) (rate(unhinged_accepted_items_total[$__rate_interval]))',
      'rejected {{signal}} {{reason}}':
        'sum by (signal, reason) (rate(unhinged_rejected_items_total[$__rate_interval]))',
      'refused {{signal}} {{reason}}':
        'sum by (signal, reason) (rate(unhinged_refused_items_total[$__rate_interval]))',
    }),
    lines('Records of Kafka', 'cps', {
      read: 'rate(unhinged_kafka_records_total[$__rate_interval])',
      'duplicate events': 'rate(unhinged_kafka_duplicates_total[$__rate_interval])',
      'rejected {{reason}}': 'rate(unhinged_kafka_rejected_items_total[$__rate_interval])',
      'dead letters {{reason}}': 'rate(unhinged_kafka_dead_lettered_total[$__rate_interval])',
    }),
    lines(
      'Gaps: events of emitters that never came',
      'none',
      { '{{instance}}': 'unhinged_kafka_lost_events_total' },
      { description: 'Each is a log event named unhinged.events.gap, too.' },
    ),
    lines(
      'Lag of the consumers',
      'none',
      { '{{consumer}}': 'unhinged_consumer_lag_records', kafka: 'unhinged_kafka_lag_records' },
      { description: 'In records.' },
    ),
    lines('Lag of the watermark', 's', { '{{instance}}': 'time() - unhinged_processor_watermark_seconds' }),
    lines('Journal', 'bytes', { used: 'unhinged_journal_bytes', cap: 'unhinged_journal_cap_bytes' }),
    lines('Journal records', 'wps', {
      appended: 'rate(unhinged_journal_appended_records_total[$__rate_interval])',
      'group syncs': 'rate(unhinged_journal_syncs_total[$__rate_interval])',
    }),
    lines('Damaged records', 'none', {
      corrupt: 'unhinged_journal_corrupt_records_total',
      torn: 'unhinged_journal_torn_records_total',
      'undecodable {{consumer}}': 'unhinged_undecodable_records_total',
    }),
    lines('Drops', 'cps', {
      'no destination {{signal}}': 'sum by (signal) (rate(unhinged_dropped_items_total[$__rate_interval]))',
      'late events': 'rate(unhinged_processor_late_total{taken="no"}[$__rate_interval])',
      'metric points {{reason}}':
        'sum by (reason) (rate(unhinged_prometheus_dropped_points_total[$__rate_interval]))',
      'alerts {{reason}}': 'sum by (reason) (rate(unhinged_alerts_dropped_total[$__rate_interval]))',
    }),
    lines('Lake', 'none', {
      'commits/s': 'rate(unhinged_lake_commits_total[$__rate_interval])',
      'failures/s': 'rate(unhinged_lake_commit_failures_total[$__rate_interval])',
      'rows waiting': 'unhinged_lake_pending_rows',
    }),
  ],
);

const sampling = dashboard(
  'unhinged-sampling',
  'Sampling',
  'What is kept against what is configured. Errors and slow requests are kept besides the rates of the table.',
  services,
  [
    lines(
      'Kept share of the spans, and the base rate of the table',
      'percentunit',
      {
        'kept {{job}}': `${records('spans', 'exported')} / ${records('spans', 'created')}`,
        'table {{job}}': 'service:sampling_configured:ratio{job=~"$service"}',
      },
      { width: 24, min: 0, max: 1 },
    ),
    lines('Spans in the services, by outcome', 'cps', {
      '{{outcome}}': `sum by (outcome) (${rate('unhinged_sdk_records_total', 'signal="spans"')})`,
    }),
    lines('What happened in the tail of the services', 'cps', {
      '{{job}} {{event}}': `sum by (job, event) (${rate('unhinged_sdk_sampling_total')})`,
    }),
    lines('Traces of others, decided in the Collector', 'cps', {
      '{{decision}}':
        'sum by (decision) (rate(otelcol_processor_tail_sampling_global_count_traces_sampled_total[$__rate_interval]))',
    }),
    lines('… by policy', 'cps', {
      '{{policy}}':
        'sum by (policy) (rate(otelcol_processor_tail_sampling_count_traces_sampled_total{decision="sampled"}[$__rate_interval]))',
    }),
    lines('Traces held in the Collector', 'none', {
      held: 'otelcol_processor_tail_sampling_sampling_traces_on_memory',
    }),
    lines('Traces that gave way before their decision', 'cps', {
      '{{instance}}':
        'rate(otelcol_processor_tail_sampling_sampling_trace_dropped_too_early_total[$__rate_interval])',
    }),
  ],
);

const signals = ['spans', 'metric_points', 'log_records'];
const perSignal = (name, by) =>
  Object.fromEntries(
    signals.map((signal) => [
      `${signal.replace('_', ' ')} {{${by}}}`,
      `sum by (${by}) (rate(otelcol_${name}_${signal}_total[$__rate_interval]))`,
    ]),
  );

const collector = dashboard('unhinged-collector', 'Collector', 'The Collector about itself, port 8888.', {}, [
  lines('Accepted', 'cps', perSignal('receiver_accepted', 'receiver')),
  lines('Refused', 'cps', perSignal('receiver_refused', 'receiver'), {
    description: 'The memory limit or a full queue. Clients are told and try again.',
  }),
  lines('Sent', 'cps', perSignal('exporter_sent', 'exporter')),
  lines('Failed to send, or to queue', 'cps', {
    ...perSignal('exporter_send_failed', 'exporter'),
    'not queued {{exporter}}':
      'sum by (exporter) (rate(otelcol_exporter_enqueue_failed_spans_total[$__rate_interval]))',
  }),
  lines('Queues on disk', 'percentunit', {
    '{{exporter}} {{data_type}}': 'otelcol_exporter_queue_size / otelcol_exporter_queue_capacity',
  }),
  lines('Memory', 'bytes', { 'resident {{instance}}': 'otelcol_process_memory_rss_bytes' }),
  lines('Processor time', 'percentunit', {
    '{{instance}}': 'rate(otelcol_process_cpu_seconds_total[$__rate_interval])',
  }),
  lines('Up', 'none', { '{{instance}}': 'up{job="collector"}' }),
]);

const operator = 'flink_taskmanager_job_task_operator';
const flink = dashboard('unhinged-flink', 'Flink', 'The stream job on many machines.', {}, [
  lines('Records in', 'cps', {
    '{{job_name}} {{task_name}}':
      'sum by (job_name, task_name) (flink_taskmanager_job_task_numRecordsInPerSecond)',
  }),
  lines('Lag behind Kafka, records', 'none', {
    '{{task_name}}':
      'sum by (task_name) (flink_taskmanager_job_task_operator_KafkaSourceReader_KafkaConsumer_records_lag_max)',
  }),
  lines('Lag of the watermark', 's', {
    '{{task_name}}':
      'time() - min by (task_name) (flink_taskmanager_job_task_currentInputWatermark > 0) / 1000',
  }),
  lines('Checkpoints', 'none', {
    completed: 'flink_jobmanager_job_numberOfCompletedCheckpoints',
    failed: 'flink_jobmanager_job_numberOfFailedCheckpoints',
  }),
  lines('Duration of the last checkpoint', 'ms', {
    '{{job_name}}': 'flink_jobmanager_job_lastCheckpointDuration',
  }),
  lines('Back pressure', 'percentunit', {
    '{{task_name}}': 'max by (task_name) (flink_taskmanager_job_task_backPressuredTimeMsPerSecond) / 1000',
  }),
  lines('Restarts', 'none', { '{{job_name}}': 'flink_jobmanager_job_numRestarts' }),
  lines('Task managers', 'none', { registered: 'flink_jobmanager_numRegisteredTaskManagers' }),
  lines(
    'Records and events without a row',
    'none',
    {
      'dead letter, {{reason}}': `sum by (reason) (${operator}_deserializer_reason_dead_letters)`,
      'rejected, {{reason}}': `sum by (reason) (${operator}_deserializer_reason_rejected)`,
      'skipped, {{reason}}': `sum by (reason) (${operator}_reason_skipped)`,
      duplicates: `sum(${operator}_duplicates)`,
    },
    { description: 'Since the tasks were started.' },
  ),
  lines('Requests too late for their window', 'none', {
    dropped: `sum(${operator}_numLateRecordsDropped)`,
  }),
]);

export const dashboards = { overview, logs, cdc, sampling, collector, flink };
