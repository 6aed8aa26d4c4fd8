import type { AlertView } from '@unhinged/observability-core';

const RANK = { firing: 0, pending: 1, resolved: 2 } as const;

/** `known` with `changes` put in by fingerprint: firing first, then pending, then resolved, newest first. */
export function mergeAlerts(known: readonly AlertView[], changes: readonly AlertView[]): AlertView[] {
  const byFingerprint = new Map(known.map((alert) => [alert.fingerprint, alert]));
  for (const alert of changes) byFingerprint.set(alert.fingerprint, alert);
  return [...byFingerprint.values()].sort(
    (left, right) => RANK[left.state] - RANK[right.state] || lastChange(right) - lastChange(left),
  );
}

/** When the alert last went from one state to another. */
export function lastChange(alert: AlertView): number {
  return alert.history.at(-1)?.timeMs ?? alert.endsMs ?? alert.startsMs;
}
