const { createLogger, startNode } = require('@unhinged/observability-node');
const { trace } = require('@opentelemetry/api');

const sdk = startNode();
const log = createLogger({ flags: 'CDL' });
trace.getTracer('customer').startActiveSpan('work', (span) => {
  log.info('hello from CJS, by the tier package');
  span.end();
});
void sdk.shutdown();
