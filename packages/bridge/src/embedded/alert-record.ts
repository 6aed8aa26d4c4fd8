import { toRecord, type EventRecord } from '@unhinged/events';
import {
  ATTR_TIER,
  buildAlertEvent,
  CDC_STREAM,
  deriveEventId,
  type EventContext,
} from '@unhinged/observability-core';
import type { AlertTransition } from '@unhinged/observability-processor';

const nanos = (ms: number): bigint => BigInt(Math.floor(ms)) * 1_000_000n;

/**
 * An alert transition as the record of an AlertEvent. Its event id is derived from fingerprint, state and time, so that a
 * transition that is found again after a crash is recognised as the same.
 */
export function alertRecord(alert: AlertTransition, version: string, context: EventContext): EventRecord {
  const { alertName, state, severity, labels, annotations, value, threshold, fingerprint } = alert;
  const event = buildAlertEvent(
    {
      ...{ alertName, state, severity, labels, annotations, value, threshold, fingerprint },
      eventId: deriveEventId(fingerprint, state, alert.atMs),
      timeUnixNano: nanos(alert.atMs),
      startsUnixNano: nanos(alert.startsMs),
      ...(alert.endsMs !== undefined && { endsUnixNano: nanos(alert.endsMs) }),
      destinations: CDC_STREAM,
      resource: {
        serviceName: 'unhinged-bridge',
        serviceVersion: version,
        deploymentEnvironment: '',
        attributes: { [ATTR_TIER]: 'backend' },
      },
    },
    context,
  );
  return toRecord('observability.alert', event);
}
