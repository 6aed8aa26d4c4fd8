import type { TraceResponse } from '@unhinged/observability-core';
import { useMemo, type ReactNode } from 'react';
import { CopyButton } from '../../components/copy-button.js';
import { Icon } from '../../components/icon.js';
import { Empty, ErrorNotice } from '../../components/notice.js';
import { formatRoute } from '../../routing/route.js';
import { buildTree } from './trace-tree.js';
import { TraceBody } from './trace-body.js';
import { useTrace } from './use-trace.js';

const lakeQuery = (traceId: string): string => `SELECT *
FROM observability_traces
WHERE trace_id = '${traceId.replaceAll("'", "''")}'
ORDER BY time`;
const whole = (trace: TraceResponse): boolean => buildTree(trace.spans).complete;

export function TraceView({
  traceId,
  startSpan,
}: {
  traceId: string;
  startSpan: string | undefined;
}): ReactNode {
  const { trace, unknown, error } = useTrace(traceId, whole);
  const tree = useMemo(() => buildTree(trace?.spans ?? []), [trace]);
  const root = tree.rows.find(({ span }) => span.parentSpanId === '') ?? tree.rows[0];
  return (
    <section className="view" aria-labelledby="trace-title">
      <div className="toolbar">
        <a className="icon-button" href={formatRoute('traces')} aria-label="All traces" title="All traces">
          <Icon name="back" />
        </a>
        <h1 id="trace-title" className="ellipsis">
          {root?.span.name ?? 'Trace'}
        </h1>
        <span className="mono muted trace-id-full">{traceId}</span>
        <CopyButton text={traceId} label="Copy the trace id" />
        {trace !== undefined && !tree.complete ? (
          <span className="badge badge-running" role="status" data-testid="trace-waiting">
            waiting for more spans
          </span>
        ) : null}
      </div>
      <ErrorNotice error={error} />
      {unknown ? (
        <Empty title="Waiting for this trace">
          <p data-testid="trace-waiting" role="status">
            Nothing of it has arrived. It opens here as soon as its first span does.
          </p>
          <p>
            Spans leave an application in batches, usually within a few seconds. If the trace is an old one,{' '}
            <a href={formatRoute('sql', '', { q: lakeQuery(traceId) })}>look for it in the lake</a>.
          </p>
        </Empty>
      ) : null}
      {trace === undefined ? null : <TraceBody trace={trace} tree={tree} startSpan={startSpan} />}
    </section>
  );
}
