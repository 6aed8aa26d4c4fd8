import { createLogger, startWeb } from '@unhinged/observability';

startWeb({ service: 'customer-page' });
createLogger({ flags: 'CDL' }).info('hello from the browser');
