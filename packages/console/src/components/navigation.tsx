import type { ReactNode } from 'react';
import { useLiveStatus } from '../live/live-context.js';
import { formatRoute, VIEWS, type View } from '../routing/route.js';
import { useTheme } from '../theme/use-theme.js';
import { Icon } from './icon.js';

export const VIEW_LABELS: Record<View, string> = {
  overview: 'Overview',
  traces: 'Traces',
  logs: 'Logs',
  metrics: 'Metrics',
  alerts: 'Alerts',
  sql: 'SQL',
  connect: 'Connect',
};
const THEME_LABELS = { system: 'System theme', light: 'Light theme', dark: 'Dark theme' } as const;
const STATE_LABELS = { connecting: 'Connecting…', live: 'Live', reconnecting: 'Reconnecting…' } as const;

export function Navigation({ view, firing }: { view: View; firing: number }): ReactNode {
  const { state } = useLiveStatus();
  const [theme, nextTheme] = useTheme();
  return (
    <header className="sidebar">
      <a className="brand" href={formatRoute('overview')} aria-label="Unhinged Observability, overview">
        <svg viewBox="0 0 32 32" aria-hidden="true" className="brand-mark">
          <path d="M6 10h12M10 16h12M14 22h12" />
        </svg>
        <span className="label">Unhinged</span>
      </a>
      <nav aria-label="Views">
        {VIEWS.map((name) => (
          <a
            key={name}
            href={formatRoute(name)}
            className="nav-link"
            data-testid={`nav-${name}`}
            aria-current={name === view ? 'page' : undefined}
            aria-label={VIEW_LABELS[name]}
            title={VIEW_LABELS[name]}
          >
            <Icon name={name} />
            <span className="label">{VIEW_LABELS[name]}</span>
            {name === 'alerts' && firing > 0 ? (
              <span className="count-badge" aria-label={`${firing} firing`}>
                {firing}
              </span>
            ) : null}
          </a>
        ))}
      </nav>
      <div className="sidebar-foot">
        <button
          type="button"
          className="nav-link"
          onClick={nextTheme}
          title={THEME_LABELS[theme]}
          aria-label={THEME_LABELS[theme]}
        >
          <Icon name={theme} />
          <span className="label">{THEME_LABELS[theme]}</span>
        </button>
        <div
          className={`live-state is-${state}`}
          role="status"
          data-testid="live-state"
          title={STATE_LABELS[state]}
        >
          <span className="live-dot" />
          <span className="label">{STATE_LABELS[state]}</span>
        </div>
      </div>
    </header>
  );
}
