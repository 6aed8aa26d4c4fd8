import { buildLogEvent, deriveEventId, type Sequence } from '@unhinged/observability-core';

import { toRecord } from '../../record.js';
import type { EventRecord } from '../../transport.js';
import type { Gap } from './gap-detector.js';

/** OpenTelemetry event name of the log event that tells of a gap. */
export const GAP_EVENT_NAME = 'unhinged.events.gap';

/** A gap as a log event, whose id is the same however often the gap is found. */
export function gapEvent(gap: Gap, service: string, sequence: Sequence): { id: string; record: EventRecord } {
  const { emitterId, first, last } = gap;
  const id = deriveEventId('gap', emitterId, first, last);
  const missing = last - first + 1;
  const event = buildLogEvent(
    {
      level: 'error',
      message: `${missing} events of emitter ${emitterId} were lost: numbers ${first} to ${last}`,
      eventName: GAP_EVENT_NAME,
      eventId: id,
      metadata: { emitterId, first, last, missing },
      resource: {
        serviceName: service,
        serviceVersion: '',
        deploymentEnvironment: '',
        attributes: {},
      },
    },
    { sequence },
  );
  return { id, record: toRecord('observability.log_entry', event) };
}
