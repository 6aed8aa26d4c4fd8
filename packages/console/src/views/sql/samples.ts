/** Queries that work on any lake of ours. */
export const SAMPLES: readonly { name: string; sql: string }[] = [
  {
    name: 'Newest spans',
    sql: `SELECT *
FROM observability_traces
ORDER BY time DESC
LIMIT 100`,
  },
  {
    name: 'Services',
    sql: `SELECT service, count(*) AS spans
FROM observability_traces
GROUP BY service
ORDER BY spans DESC`,
  },
  {
    name: 'Errors in the logs',
    sql: `SELECT *
FROM observability_logs
WHERE level IN ('error', 'fatal')
ORDER BY time DESC
LIMIT 100`,
  },
  {
    name: 'Rows an hour',
    sql: `SELECT date, hour, count(*) AS lines
FROM observability_logs
GROUP BY date, hour
ORDER BY date, hour`,
  },
  { name: 'Columns', sql: 'DESCRIBE observability_traces' },
];
