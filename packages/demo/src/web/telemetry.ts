// All the telemetry of this page: one start, one logger, and a span around whatever the user does.
import { createLogger, startWeb, trace, within, type Logger } from '@unhinged/observability-web';

import type { PageConfig } from './page-config.js';

export const log: Logger = createLogger({ flags: 'CDL' });

export function startTelemetry({ otlp, gateway }: PageConfig): void {
  startWeb({ service: 'chat-web', endpoint: otlp, propagateTo: [gateway] });
}

/**
 * Does what the user asked for in a trace of its own. `begun` gets the trace id at once; a failure is logged in the trace and
 * goes on to the caller.
 */
export function act<T>(
  name: string,
  work: () => Promise<T>,
  { begun, done }: { begun: (traceId: string) => void; done: (result: T) => void },
): Promise<T> {
  return trace(name, async (span) => {
    begun(span.spanContext().traceId);
    try {
      const result = await work();
      // After an await the browser has forgotten which span is active.
      within(span, () => {
        done(result);
      });
      return result;
    } catch (error) {
      within(span, () => {
        log.error(`${name} failed`, error);
      });
      throw error;
    }
  });
}
