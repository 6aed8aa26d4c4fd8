// The back end as a process: node --import @unhinged/observability-node/register dist/backend/main.js
import { createServer } from 'node:http';

import { createLogger } from '@unhinged/observability-node';

import { portFrom, stopWhenAsked } from '../process.js';
import { createBackend } from './app.js';

const log = createLogger({ flags: 'CDL' });
const server = createServer(createBackend({ log }));
const port = portFrom('DEMO_BACKEND_PORT', 8083);

server.once('error', (error) => {
  log.fatal('Back end cannot listen', error, { port });
  process.exit(1);
});
server.listen(port, '127.0.0.1', () => {
  log.info('Back end listens', { port });
});
stopWhenAsked(
  () =>
    new Promise((resolve) => {
      server.close(() => {
        resolve();
      });
      server.closeIdleConnections();
    }),
);
