/** One change of state of one alert. Times are Unix milliseconds of event time. */
export interface AlertTransition {
  /** The same from pending to resolved, and each time the same alert comes back. */
  fingerprint: string;
  alertName: string;
  state: 'pending' | 'firing' | 'resolved';
  /** State before; null for a new alert. `resolved` after `pending` means that it never fired. */
  from: 'pending' | 'firing' | null;
  severity: 'page' | 'ticket';
  /** alertname, service. */
  labels: Record<string, string>;
  /** summary, description. */
  annotations: Record<string, string>;
  /** What was measured, and what it was held against. */
  value: number;
  threshold: number;
  /** When this transition happened: the end of the window that caused it. */
  atMs: number;
  /** When the alert became pending. */
  startsMs: number;
  /** When it was resolved. */
  endsMs?: number;
}
