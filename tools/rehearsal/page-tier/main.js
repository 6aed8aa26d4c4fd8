import { createLogger, startWeb } from '@unhinged/observability-web';

startWeb({ service: 'customer-page' });
createLogger({ flags: 'CDL' }).info('hello from the browser');
