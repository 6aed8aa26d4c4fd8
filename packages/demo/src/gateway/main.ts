// The gateway as a process: node --import @unhinged/observability-node/register dist/gateway/main.js
import { createLogger } from '@unhinged/observability-node';

import { addressFrom, portFrom, stopWhenAsked } from '../process.js';
import { createGateway } from './gateway.js';

const log = createLogger({ flags: 'CDL' });
const port = portFrom('DEMO_GATEWAY_PORT', 8082);
const webPort = portFrom('DEMO_WEB_PORT', 3000);
const gateway = await createGateway({
  log,
  backendUrl: addressFrom('DEMO_BACKEND_URL', 'http://127.0.0.1:8083'),
  webOrigins: [`http://localhost:${webPort}`, `http://127.0.0.1:${webPort}`],
});

stopWhenAsked(() => gateway.close());
try {
  await gateway.listen({ port, host: '127.0.0.1' });
  log.info('Gateway listens', { port });
} catch (error) {
  log.fatal('Gateway cannot listen', error, { port });
  process.exit(1);
}
