import type { LogView, SpanView } from '@unhinged/observability-core';
import type { ReactNode } from 'react';
import { AttributeTable } from '../../components/attribute-table.js';
import { CopyButton } from '../../components/copy-button.js';
import { ServiceName, TierBadge } from '../../components/service-name.js';
import { DEBUG_IDS, Stack } from '../../components/stack.js';
import { formatDuration, formatValue } from '../../format/format.js';
import { formatRoute } from '../../routing/route.js';
import { TraceLogs } from './trace-logs.js';
import type { SpanRow } from './trace-tree.js';

interface SpanDetailsProps {
  row: SpanRow;
  startNano: bigint;
  logs: readonly LogView[];
}

export function SpanDetails({ row, startNano, logs }: SpanDetailsProps): ReactNode {
  const { span } = row;
  return (
    <div className="details">
      <h2 className="details-title">{span.name}</h2>
      <p className="details-line">
        <ServiceName service={span.service} />
        <TierBadge tier={span.tier} />
        <span className="badge">{span.kind}</span>
        <span className={`badge status-${span.status}`}>{span.status}</span>
      </p>
      {span.statusMessage === '' ? null : <p className="status-message">{span.statusMessage}</p>}
      <dl className="figures">
        <div className="figure">
          <dt>Duration</dt>
          <dd>{formatDuration(row.durationMs)}</dd>
        </div>
        <div className="figure">
          <dt>Starts at</dt>
          <dd>+{formatDuration(row.startMs)}</dd>
        </div>
        <div className="figure">
          <dt>Span id</dt>
          <dd className="mono small">
            {span.spanId}
            <CopyButton text={span.spanId} label="Copy the span id" />
          </dd>
        </div>
      </dl>
      <Section name="Events" count={span.events.length} open>
        {span.events.map((event, index) => (
          <SpanEvent key={`${event.timeNano}-${index}`} event={event} startNano={startNano} />
        ))}
      </Section>
      <Section name="Attributes" count={Object.keys(span.attributes).length} open>
        <AttributeTable attributes={span.attributes} label="Attributes of the span" />
      </Section>
      <Section name="Logs" count={logs.length} open>
        <TraceLogs logs={logs} startNano={startNano} spanId={undefined} />
      </Section>
      <Section name="Links" count={span.links.length} open>
        {span.links.map((link) => (
          <p key={`${link.traceId}-${link.spanId}`}>
            <a className="mono" href={formatRoute('traces', link.traceId, { span: link.spanId })}>
              {link.traceId}
            </a>
          </p>
        ))}
      </Section>
      <Section name="Resource" count={Object.keys(span.resource).length}>
        <AttributeTable attributes={span.resource} label="Resource" />
        {span.scope === '' ? null : <p className="muted">Scope {span.scope}</p>}
      </Section>
    </div>
  );
}

function Section(props: { name: string; count: number; open?: boolean; children: ReactNode }): ReactNode {
  if (props.count === 0) return null;
  return (
    <details className="section" open={props.open}>
      <summary>
        {props.name} <span className="muted">{props.count}</span>
      </summary>
      {props.children}
    </details>
  );
}

function SpanEvent({
  event,
  startNano,
}: {
  event: SpanView['events'][number];
  startNano: bigint;
}): ReactNode {
  const { 'exception.stacktrace': stack, ...attributes } = event.attributes;
  const type = attributes['exception.type'];
  const message = attributes['exception.message'];
  const offset = Number(BigInt(event.timeNano) - startNano) / 1e6;
  return (
    <div className={type === undefined && stack === undefined ? 'span-event' : 'span-event is-exception'}>
      <p className="details-line">
        <strong>{type === undefined ? event.name : formatValue(type)}</strong>
        <span className="mono muted push-right">+{formatDuration(offset)}</span>
      </p>
      {message === undefined ? null : <p className="status-message">{formatValue(message)}</p>}
      {stack === undefined ? null : <Stack text={formatValue(stack)} debugIds={attributes[DEBUG_IDS]} />}
      {type !== undefined || Object.keys(attributes).length === 0 ? null : (
        <AttributeTable attributes={attributes} label={`Attributes of ${event.name}`} />
      )}
    </div>
  );
}
