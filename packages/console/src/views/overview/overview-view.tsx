import type { ServicesResponse, ServiceSummary } from '@unhinged/observability-core';
import type { ReactNode } from 'react';
import type { Resource } from '../../api/use-resource.js';
import { Empty, ErrorNotice } from '../../components/notice.js';
import { ServiceName, TierBadge } from '../../components/service-name.js';
import { Sparkline } from '../../components/sparkline.js';
import { formatAgo, formatCount, formatDuration, formatErrorRate, formatRate } from '../../format/format.js';
import { useNow } from '../../live/use-services.js';
import { formatRoute } from '../../routing/route.js';
import { Snippets } from '../connect/snippets.js';
import { byTier } from './by-tier.js';

export function OverviewView({
  services: { data, error },
}: {
  services: Resource<ServicesResponse>;
}): ReactNode {
  const now = useNow(5_000);
  return (
    <section className="view view-scroll" aria-labelledby="overview-title">
      <div className="toolbar">
        <h1 id="overview-title">Overview</h1>
        {data === undefined ? null : (
          <span className="muted">
            {data.services.length === 1 ? '1 service' : `${data.services.length} services`}, last{' '}
            {formatDuration(data.windowMs)}
          </span>
        )}
      </div>
      <ErrorNotice error={error} />
      {data?.services.length === 0 ? (
        <Empty title="Nothing has arrived yet">
          <p>Send traces, metrics and logs over OTLP, and the services appear here at once.</p>
          <Snippets />
        </Empty>
      ) : (
        <div className="cards">
          {[...(data?.services ?? [])].sort(byTier).map((service) => (
            <ServiceCard key={service.service} service={service} now={now} />
          ))}
        </div>
      )}
    </section>
  );
}

function ServiceCard({ service, now }: { service: ServiceSummary; now: number }): ReactNode {
  const failing = service.errors > 0;
  return (
    <article className="card service-card" data-testid="service-card" data-service={service.service}>
      <header className="card-head">
        <h2>
          <a href={formatRoute('traces', '', { service: service.service })} className="card-link">
            <ServiceName service={service.service} />
          </a>
        </h2>
        <TierBadge tier={service.tier} />
      </header>
      <Sparkline points={service.series} />
      <dl className="figures">
        <Figure name="Rate" value={formatRate(service.rate)} />
        <Figure name="Errors" value={formatErrorRate(service.errors, service.requests)} bad={failing} />
        <Figure name="p50" value={formatDuration(service.p50Ms)} />
        <Figure name="p95" value={formatDuration(service.p95Ms)} />
        <Figure name="p99" value={formatDuration(service.p99Ms)} />
      </dl>
      <footer className="card-foot muted">
        <span>{formatCount(service.requests)} requests</span>
        {failing ? (
          <a
            className="error-link"
            href={formatRoute('traces', '', { service: service.service, errors: '1' })}
          >
            {formatCount(service.errors)} failed
          </a>
        ) : null}
        <span className="push-right">seen {formatAgo(service.lastSeenMs, now)}</span>
      </footer>
    </article>
  );
}

function Figure({ name, value, bad = false }: { name: string; value: string; bad?: boolean }): ReactNode {
  return (
    <div className={bad ? 'figure is-bad' : 'figure'}>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}
