import type { TraceSummary } from '@unhinged/observability-core';
import type { ReactNode } from 'react';
import { ServiceName } from '../../components/service-name.js';
import { serviceClass } from '../../components/service-palette.js';
import { formatAgo, formatDateTime, formatDuration } from '../../format/format.js';
import { formatRoute } from '../../routing/route.js';

interface TraceRowProps {
  trace: TraceSummary;
  current: boolean;
  longestMs: number;
  nowMs: number;
}

export function TraceRow({ trace, current, longestMs, nowMs }: TraceRowProps): ReactNode {
  // Logarithmic, since one slow trace would make all the others look the same.
  const share = longestMs <= 0 ? 0 : Math.max(0.02, Math.log1p(trace.durationMs) / Math.log1p(longestMs));
  return (
    <a
      className={`trace-grid trace-row${current ? ' is-current' : ''}`}
      role="row"
      href={formatRoute('traces', trace.traceId)}
      data-testid="trace-row"
      data-trace-id={trace.traceId}
    >
      <span role="cell" className="trace-name">
        {trace.errors > 0 ? (
          <span className="error-mark" title={`${trace.errors} spans failed`}>
            {trace.errors === 1 ? 'error' : `${trace.errors} errors`}
          </span>
        ) : null}
        <span className="ellipsis">
          {trace.rootName === '' ? 'waiting for the root span' : trace.rootName}
        </span>
        {trace.complete ? null : <span className="badge badge-running">in flight</span>}
        <span className="mono muted trace-id">{trace.traceId.slice(0, 8)}</span>
      </span>
      <span role="cell" className="service-list">
        {trace.services.map((service) => (
          <ServiceName key={service} service={service} />
        ))}
      </span>
      <span role="cell" className="number">
        {trace.spans}
      </span>
      <span role="cell" className="trace-duration">
        <span className="meter">
          <span
            className={`meter-fill ${serviceClass(trace.rootService)}`}
            style={{ width: `${share * 100}%` }}
          />
        </span>
        <span className="mono">{formatDuration(trace.durationMs)}</span>
      </span>
      <time role="cell" className="number muted" title={formatDateTime(trace.startMs)}>
        {formatAgo(trace.startMs, nowMs)}
      </time>
    </a>
  );
}
