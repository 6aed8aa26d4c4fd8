import type { LogView } from '@unhinged/observability-core';
import { useLayoutEffect, useRef, type ReactNode } from 'react';
import { AttributeTable } from '../../components/attribute-table.js';
import { CopyButton } from '../../components/copy-button.js';
import { Icon } from '../../components/icon.js';
import { ServiceName } from '../../components/service-name.js';
import { DEBUG_IDS, Stack } from '../../components/stack.js';
import { formatClock, formatValue, nanoToMs } from '../../format/format.js';
import { formatRoute } from '../../routing/route.js';
import { LevelMark } from './level-mark.js';

interface LogLineProps {
  log: LogView;
  rowHeight: number;
  open: boolean;
  onToggle: (eventId: string) => void;
  /** Told how much the opened line is taller than `rowHeight`. */
  onHeight: (eventId: string, pixels: number) => void;
}

export function LogLine({ log, rowHeight, open, onToggle, onHeight }: LogLineProps): ReactNode {
  const attributes = Object.entries(log.attributes);
  return (
    <div
      role="row"
      className={`log-row level-row-${log.level}${open ? ' is-open' : ''}`}
      data-testid="log-row"
      data-level={log.level}
    >
      <div
        className="log-grid"
        style={{ height: rowHeight }}
        onClick={() => {
          onToggle(log.eventId);
        }}
      >
        <button
          type="button"
          className={`fold${open ? ' is-open' : ''}`}
          aria-expanded={open}
          aria-label={open ? 'Close the line' : 'Open the line'}
          onClick={(event) => {
            event.stopPropagation();
            onToggle(log.eventId);
          }}
        >
          <Icon name="chevron" />
        </button>
        <time role="cell" className="mono muted">
          {formatClock(nanoToMs(log.timeNano))}
        </time>
        <LevelMark level={log.level} />
        <ServiceName service={log.service} />
        <span role="cell" className="log-message">
          {log.message}
          {log.error === undefined ? null : <span className="log-error"> {log.error.message}</span>}
          {attributes.slice(0, 4).map(([name, value]) => (
            <span key={name} className="log-attribute">
              {name}=<span>{formatValue(value)}</span>
            </span>
          ))}
        </span>
        {log.traceId === '' ? (
          <span />
        ) : (
          <a
            className="mono trace-link"
            href={formatRoute('traces', log.traceId, { span: log.spanId })}
            title="Open the trace"
            onClick={(event) => {
              event.stopPropagation();
            }}
          >
            {log.traceId.slice(0, 8)}
          </a>
        )}
      </div>
      {open ? <LogDetails log={log} onHeight={onHeight} /> : null}
    </div>
  );
}

function LogDetails({ log, onHeight }: Pick<LogLineProps, 'log' | 'onHeight'>): ReactNode {
  const ref = useRef<HTMLDivElement>(null);
  const { eventId } = log;
  useLayoutEffect(() => {
    const element = ref.current;
    if (element === null) return undefined;
    const observer = new ResizeObserver(() => {
      onHeight(eventId, element.offsetHeight);
    });
    // Opened at the lower edge it would be out of sight; its room is made by the next frame.
    const frame = requestAnimationFrame(() => {
      requestAnimationFrame(() => {
        element.scrollIntoView({ block: 'nearest' });
      });
    });
    observer.observe(element);
    return () => {
      observer.disconnect();
      cancelAnimationFrame(frame);
    };
  }, [eventId, onHeight]);
  return (
    <div ref={ref} className="log-details">
      <p className="log-full-message">{log.message}</p>
      {log.error === undefined ? null : (
        <>
          <p className="status-message">
            {log.error.type}: {log.error.message}
          </p>
          {log.error.stack === '' ? null : (
            <Stack text={log.error.stack} debugIds={log.attributes[DEBUG_IDS]} />
          )}
        </>
      )}
      {Object.keys(log.attributes).length === 0 ? null : (
        <AttributeTable attributes={log.attributes} label="Attributes of the line" />
      )}
      <p className="details-line muted">
        <span>tier {log.tier}</span>
        <span>
          goes to <span className="mono">{log.flags}</span>
        </span>
        <span className="mono">{eventId}</span>
        <CopyButton text={() => JSON.stringify(log, null, 2)} label="Copy the line as JSON">
          JSON
        </CopyButton>
      </p>
    </div>
  );
}
