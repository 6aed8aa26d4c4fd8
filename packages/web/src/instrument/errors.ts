import type { Logger } from '@unhinged/observability-core';
import { createLogger } from '../logger.js';
import { isFirstSeen } from '../recorded-errors.js';
import type { Instrument } from './instrument.js';

/**
 * Uncaught errors and unhandled rejections as error lines, component `uncaught`, event name `exception`. To D and L whatever the
 * flags of other loggers: the browser has printed them already, and nobody else will send them.
 */
export function captureErrors(): Instrument {
  return (page) => {
    let made: Logger | undefined;
    const log = () =>
      (made ??= createLogger({ flags: '=DL' }).child({ component: 'uncaught', 'event.name': 'exception' }));
    const onError = (event: ErrorEvent) => {
      if (!isFirstSeen(event.error)) return;
      // Of a script from another origin without CORS the browser tells only "Script error."
      const place =
        event.filename === ''
          ? {}
          : { url: page.shown(event.filename), line: event.lineno, column: event.colno };
      const message = event.message === '' ? 'Uncaught error' : event.message;
      log().error(message, event.error ?? undefined, { 'unhinged.error.kind': 'error', ...place });
    };
    const onRejection = (event: PromiseRejectionEvent) => {
      const reason: unknown = event.reason;
      if (!isFirstSeen(reason)) return;
      const text = reason instanceof Error ? `${reason.name}: ${reason.message}` : String(reason);
      log().error(`Unhandled rejection: ${text}`, reason, { 'unhinged.error.kind': 'unhandledrejection' });
    };
    globalThis.addEventListener('error', onError);
    globalThis.addEventListener('unhandledrejection', onRejection);
    return () => {
      globalThis.removeEventListener('error', onError);
      globalThis.removeEventListener('unhandledrejection', onRejection);
    };
  };
}
