import type { ReactNode } from 'react';
import { Icon } from '../../components/icon.js';
import { serviceClass } from '../../components/service-palette.js';
import { formatDuration } from '../../format/format.js';
import type { SpanRow } from './trace-tree.js';
import { barPosition, labelSide } from './waterfall-rows.js';

interface SpanLineProps {
  id: string;
  row: SpanRow;
  totalMs: number;
  /** Log lines written in this span. */
  logs: number;
  collapsed: boolean;
  selected: boolean;
  dimmed: boolean;
  onSelect: () => void;
  onToggle: () => void;
}

/** Deeper spans are indented no further, so that their names stay readable. */
const DEEPEST = 18;

export function SpanLine(props: SpanLineProps): ReactNode {
  const { id, row, totalMs, logs, collapsed, selected, dimmed, onSelect, onToggle } = props;
  const { span, depth, descendants, startMs, durationMs, detached } = row;
  const bar = barPosition(startMs, durationMs, totalMs);
  const failed = span.status === 'error';
  const state = `${selected ? ' is-selected' : ''}${dimmed ? ' is-dimmed' : ''}${failed ? ' is-failed' : ''}`;
  const side = labelSide(bar);
  const labelStyle =
    side === 'right'
      ? { left: `calc(${bar.left + bar.width}% + 6px)` }
      : side === 'left'
        ? { right: `calc(${100 - bar.left}% + 6px)` }
        : { right: `calc(${100 - bar.left - bar.width}% + 5px)` };
  return (
    <div
      id={id}
      role="row"
      className={`span-grid span-row ${serviceClass(span.service)}${state}`}
      aria-level={depth + 1}
      aria-selected={selected}
      aria-expanded={descendants === 0 ? undefined : !collapsed}
      data-testid="span-row"
      data-span-id={span.spanId}
      data-service={span.service}
      onClick={onSelect}
    >
      <span role="gridcell" className="span-name" style={{ paddingLeft: 6 + Math.min(depth, DEEPEST) * 13 }}>
        {descendants === 0 ? (
          <span className="fold-space" />
        ) : (
          <button
            type="button"
            className={`fold${collapsed ? '' : ' is-open'}`}
            aria-label={collapsed ? `Expand ${span.name}` : `Collapse ${span.name}`}
            tabIndex={-1}
            onClick={(event) => {
              event.stopPropagation();
              onToggle();
            }}
          >
            <Icon name="chevron" />
          </button>
        )}
        <span className="service-dot" />
        {failed ? (
          <span className="error-mark" title={span.statusMessage || 'failed'}>
            !
          </span>
        ) : null}
        <span className="ellipsis" title={`${span.service}: ${span.name}`}>
          {span.name} <span className="muted">{span.service}</span>
        </span>
        {collapsed ? <span className="badge">+{descendants}</span> : null}
        {detached === undefined ? null : (
          <span
            className="badge"
            title={detached === 'cycle' ? 'Its parents form a circle' : 'Its parent has not arrived'}
          >
            {detached === 'cycle' ? 'cycle' : 'parent missing'}
          </span>
        )}
      </span>
      <span role="gridcell" className="span-time">
        <span className="span-bar" style={{ left: `${bar.left}%`, width: `${bar.width}%` }} />
        <span className={`span-label${side === 'inside' ? ' is-inside' : ''}`} style={labelStyle}>
          {formatDuration(durationMs)}
          {logs > 0 ? (
            <span className="span-logs" title={`${logs} log lines`}>
              ≡ {logs}
            </span>
          ) : null}
        </span>
      </span>
    </div>
  );
}
