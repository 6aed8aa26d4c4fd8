/** The topics of the stream. */
export const TOPICS = {
  logs: 'observability.logs',
  traces: 'observability.traces',
  metrics: 'observability.metrics',
  alerts: 'observability.alerts',
  aggregates: 'observability.aggregates',
  /** Events for the data lake that are not part of the CDC stream (L without D). */
  lake: 'observability.lake',
  /** Records that could not be handled, the reason in their headers. */
  dlq: 'observability.dlq',
} as const;
