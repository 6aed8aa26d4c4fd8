import type { Logger } from '@unhinged/observability-core';
import { listen } from '../listen.js';
import { createLogger } from '../logger.js';
import { isFirstSeen } from '../recorded-errors.js';
import type { Instrument, Page, Stop } from './instrument.js';

/**
 * Uncaught errors and unhandled rejections as error lines, component `uncaught`, event name `exception`. To D and L whatever the
 * flags of other loggers: the browser has printed them already, and nobody else will send them.
 */
export function captureErrors(): Instrument {
  return start;
}

function start(page: Page): Stop {
  let made: Logger | undefined;
  const log = () =>
    (made ??= createLogger({ flags: '=DL' }).child({ component: 'uncaught', 'event.name': 'exception' }));
  const onFailure = (event: ErrorEvent | PromiseRejectionEvent) => {
    const isRejection = 'reason' in event;
    const error: unknown = isRejection ? event.reason : event.error;
    if (!isFirstSeen(error)) return;
    const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    const message = isRejection ? `Unhandled rejection: ${text}` : event.message || 'Uncaught error';
    log().error(message, error ?? undefined, {
      'unhinged.error.kind': event.type,
      // Of a script from another origin without CORS the browser tells only "Script error."
      ...(!isRejection &&
        event.filename !== '' && {
          url: page.shown(event.filename),
          line: event.lineno,
          column: event.colno,
        }),
    });
  };
  return listen(globalThis, 'error unhandledrejection', onFailure);
}
