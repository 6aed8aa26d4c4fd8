import { createLogger, startNode } from '@unhinged/observability';
import { trace } from '@opentelemetry/api';

const sdk = startNode();
const log = createLogger({ flags: 'CDL' });
trace.getTracer('customer').startActiveSpan('work', (span) => {
  log.info('hello from ESM, by the one name');
  span.end();
});
await sdk.shutdown();
