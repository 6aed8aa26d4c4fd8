import type { AlertTransition } from '../alert.js';

/** The body of a webhook call: the shape that Prometheus Alertmanager sends, so that its receivers work unchanged. */
export interface WebhookPayload {
  version: '4';
  groupKey: string;
  truncatedAlerts: 0;
  status: 'firing' | 'resolved';
  receiver: string;
  groupLabels: Record<string, string>;
  commonLabels: Record<string, string>;
  commonAnnotations: Record<string, string>;
  externalURL: string;
  alerts: WebhookAlert[];
}

export interface WebhookAlert {
  status: 'firing' | 'resolved';
  labels: Record<string, string>;
  annotations: Record<string, string>;
  /** RFC 3339. */
  startsAt: string;
  /** RFC 3339; year 1 while the alert fires, as Alertmanager has it. */
  endsAt: string;
  generatorURL: string;
  fingerprint: string;
}

/**
 * One alert as Alertmanager's webhook body, version 4 (Alertmanager documentation, "Configuration", `<webhook_config>`). Labels
 * gain `severity`.
 *
 * @param consoleUrl Where the alert can be looked at; empty when nowhere.
 */
export function webhookPayload(alert: AlertTransition, consoleUrl: string): WebhookPayload {
  const status = alert.state === 'resolved' ? 'resolved' : 'firing';
  const labels = { ...alert.labels, severity: alert.severity };
  const groupLabels = { alertname: alert.alertName };
  return {
    version: '4',
    groupKey: `{}:{alertname="${alert.alertName}"}`,
    truncatedAlerts: 0,
    status,
    receiver: 'unhinged',
    groupLabels,
    commonLabels: labels,
    commonAnnotations: alert.annotations,
    externalURL: consoleUrl,
    alerts: [
      {
        status,
        labels,
        annotations: alert.annotations,
        startsAt: new Date(alert.startsMs).toISOString(),
        endsAt: alert.endsMs === undefined ? '0001-01-01T00:00:00Z' : new Date(alert.endsMs).toISOString(),
        generatorURL: consoleUrl,
        fingerprint: alert.fingerprint,
      },
    ],
  };
}
