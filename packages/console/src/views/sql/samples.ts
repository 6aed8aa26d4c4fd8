/** Queries over the tables of the lake, one for each kind of question. */
export const SAMPLES: readonly { name: string; sql: string }[] = [
  {
    name: 'Newest spans',
    sql: `SELECT time, service, name, duration_ns / 1e6 AS ms, status_code, trace_id
FROM observability_traces
ORDER BY time DESC
LIMIT 100`,
  },
  {
    name: 'Latency by operation',
    sql: `SELECT service, name, count(*) AS spans,
       round(quantile_cont(duration_ns, 0.5) / 1e6, 2) AS p50_ms,
       round(quantile_cont(duration_ns, 0.95) / 1e6, 2) AS p95_ms,
       count(*) FILTER (status_code = 'error') AS errors
FROM observability_traces
GROUP BY service, name
ORDER BY p95_ms DESC`,
  },
  {
    name: 'Errors in the logs',
    sql: `SELECT time, service, level, message, error_type, error_message, trace_id
FROM observability_logs
WHERE level IN ('error', 'fatal')
ORDER BY time DESC
LIMIT 100`,
  },
  {
    name: 'One trace, spans and logs',
    sql: `WITH newest AS (
  SELECT trace_id FROM observability_traces ORDER BY time DESC LIMIT 1
)
SELECT time, 'span' AS what, service, name AS text, span_id
FROM observability_traces JOIN newest USING (trace_id)
UNION ALL
SELECT time, level, service, message, span_id
FROM observability_logs JOIN newest USING (trace_id)
ORDER BY time`,
  },
  {
    name: 'Metrics',
    sql: `SELECT name, type, unit, count(*) AS points, max(time) AS last
FROM observability_metrics
GROUP BY name, type, unit
ORDER BY name`,
  },
  { name: 'Columns', sql: 'DESCRIBE observability_traces' },
];
