import { useEffect, type ReactNode } from 'react';
import { AlertBanner } from './components/alert-banner.js';
import { Navigation, VIEW_LABELS } from './components/navigation.js';
import { useAlerts } from './live/use-alerts.js';
import { useServices } from './live/use-services.js';
import { useRoute } from './routing/use-route.js';
import { AlertsView } from './views/alerts/alerts-view.js';
import { ConnectView } from './views/connect/connect-view.js';
import { LogsView } from './views/logs/logs-view.js';
import { MetricsView } from './views/metrics/metrics-view.js';
import { OverviewView } from './views/overview/overview-view.js';
import { SqlView } from './views/sql/sql-view.js';
import { TraceView } from './views/trace/trace-view.js';
import { TracesView } from './views/traces/traces-view.js';

export function App(): ReactNode {
  const route = useRoute();
  const services = useServices();
  const { alerts, error } = useAlerts();
  const names = services.data?.services.map(({ service }) => service).sort() ?? [];
  const firing = alerts?.filter(({ state }) => state === 'firing') ?? [];

  const title = `${firing.length > 0 ? `(${firing.length}) ` : ''}${VIEW_LABELS[route.view]} · Unhinged`;
  useEffect(() => {
    document.title = title;
  }, [title]);

  let view: ReactNode;
  switch (route.view) {
    case 'overview':
      view = <OverviewView services={services} />;
      break;
    case 'traces':
      // Parameters start a view; what the user changes afterwards stays in it.
      view =
        route.item === '' ? (
          <TracesView key={JSON.stringify(route.parameters)} start={route.parameters} services={names} />
        ) : (
          <TraceView key={route.item} traceId={route.item} startSpan={route.parameters['span']} />
        );
      break;
    case 'logs':
      view = <LogsView key={JSON.stringify(route.parameters)} start={route.parameters} services={names} />;
      break;
    case 'metrics':
      view = <MetricsView services={names} />;
      break;
    case 'alerts':
      view = <AlertsView alerts={alerts} error={error} />;
      break;
    case 'sql':
      view = <SqlView key={JSON.stringify(route.parameters)} start={route.parameters} />;
      break;
    case 'connect':
      view = <ConnectView />;
      break;
  }

  return (
    <div className="shell">
      <a className="skip-link" href="#main" onClick={skipToMain}>
        Skip to content
      </a>
      <Navigation view={route.view} firing={firing.length} />
      <div className="page">
        {route.view === 'alerts' ? null : <AlertBanner firing={firing} />}
        <main id="main" tabIndex={-1}>
          {view}
        </main>
      </div>
    </div>
  );
}

/** The fragment belongs to the router, so the jump is made by hand. */
function skipToMain(event: { preventDefault(): void }): void {
  event.preventDefault();
  document.getElementById('main')?.focus();
}
