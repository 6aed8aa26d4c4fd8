import type { AlertView } from '@unhinged/observability-core';
import type { ReactNode } from 'react';
import type { ApiError } from '../../api/client.js';
import { Empty, ErrorNotice } from '../../components/notice.js';
import { formatAgo, formatClock, formatCount, formatDateTime, formatDuration } from '../../format/format.js';
import { useNow } from '../../live/use-services.js';
import { formatRoute } from '../../routing/route.js';
import { lastChange } from './order.js';

interface AlertsViewProps {
  alerts: readonly AlertView[] | undefined;
  error: ApiError | undefined;
}

export function AlertsView({ alerts, error }: AlertsViewProps): ReactNode {
  const now = useNow(1_000);
  const count = (state: AlertView['state']): number =>
    alerts?.filter((alert) => alert.state === state).length ?? 0;
  return (
    <section className="view view-scroll" aria-labelledby="alerts-title">
      <div className="toolbar">
        <h1 id="alerts-title">Alerts</h1>
        {alerts === undefined ? null : (
          <span className="muted" role="status">
            {count('firing')} firing, {count('pending')} pending, {count('resolved')} resolved
          </span>
        )}
      </div>
      <ErrorNotice error={error} />
      {alerts?.length === 0 ? (
        <Empty title="No alerts">
          <p>Nothing has crossed a threshold since the bridge started.</p>
        </Empty>
      ) : (
        <div className="stack">
          {alerts?.map((alert) => (
            <AlertCard key={alert.fingerprint} alert={alert} now={now} />
          ))}
        </div>
      )}
    </section>
  );
}

function AlertCard({ alert, now }: { alert: AlertView; now: number }): ReactNode {
  const { summary, description, ...annotations } = alert.annotations;
  const service = alert.labels['service'] ?? alert.labels['service_name'];
  const end = alert.state === 'resolved' ? (alert.endsMs ?? lastChange(alert)) : now;
  return (
    <article className={`card alert-card is-${alert.state}`} data-testid="alert-row" data-state={alert.state}>
      <header className="card-head">
        <span className={`state state-${alert.state}`}>{alert.state}</span>
        <h2>{alert.name}</h2>
        <span className="badge">{alert.severity}</span>
        <span className="muted push-right" title={formatDateTime(alert.startsMs)}>
          {alert.state === 'resolved' ? `resolved ${formatAgo(end, now)}, lasted ` : 'for '}
          {formatDuration(Math.max(0, end - alert.startsMs))}
        </span>
      </header>
      {summary === undefined ? null : <p className="alert-summary">{summary}</p>}
      {description === undefined ? null : <p className="muted">{description}</p>}
      <div className="alert-body">
        <dl className="figures">
          <div className={alert.state === 'firing' ? 'figure is-bad' : 'figure'}>
            <dt>Value</dt>
            <dd>{formatCount(alert.value)}</dd>
          </div>
          <div className="figure">
            <dt>Threshold</dt>
            <dd>{formatCount(alert.threshold)}</dd>
          </div>
        </dl>
        <ol className="history" aria-label="History, oldest first">
          {alert.history.map(({ state, timeMs }, index) => (
            <li key={`${timeMs}-${index}`} className={`history-step is-${state}`}>
              <span className="history-dot" />
              <span>{state}</span>
              <time className="mono muted" title={formatDateTime(timeMs)}>
                {formatClock(timeMs).slice(0, 8)}
              </time>
            </li>
          ))}
        </ol>
      </div>
      <footer className="card-foot">
        {[...Object.entries(alert.labels), ...Object.entries(annotations)].map(([name, value]) => (
          <span key={name} className="label-pair">
            {name}=<span>{value}</span>
          </span>
        ))}
        {service === undefined ? null : (
          <a className="push-right" href={formatRoute('traces', '', { service, errors: '1' })}>
            Failed traces of {service}
          </a>
        )}
      </footer>
    </article>
  );
}
