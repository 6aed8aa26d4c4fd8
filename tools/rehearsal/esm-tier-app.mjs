import { createLogger, startNode } from '@unhinged/observability-node';
import { trace } from '@opentelemetry/api';

const sdk = startNode();
const log = createLogger({ flags: 'CDL' });
trace.getTracer('customer').startActiveSpan('work', (span) => {
  log.info('hello from ESM, by the tier package');
  span.end();
});
await sdk.shutdown();
