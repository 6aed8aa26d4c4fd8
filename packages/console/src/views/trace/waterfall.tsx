import type { LogView } from '@unhinged/observability-core';
import { useMemo, type ReactNode, type RefObject } from 'react';
import { VirtualRows } from '../../components/virtual-rows.js';
import { formatDuration } from '../../format/format.js';
import { SpanLine } from './span-line.js';
import type { TraceTree } from './trace-tree.js';
import { timeTicks } from './waterfall-rows.js';

export const SPAN_ROW_HEIGHT = 28;

interface WaterfallProps {
  tree: TraceTree;
  /** Indexes into `tree.rows`. */
  visible: readonly number[];
  collapsed: ReadonlySet<string>;
  selected: number;
  found: readonly number[];
  searching: boolean;
  logs: readonly LogView[];
  scrollRef: RefObject<HTMLDivElement | null>;
  onSelect: (row: number) => void;
  onToggle: (row: number) => void;
}

export function Waterfall(props: WaterfallProps): ReactNode {
  const { tree, visible, collapsed, selected, found, searching, logs, scrollRef, onSelect, onToggle } = props;
  const ticks = timeTicks(tree.durationMs);
  const foundSet = useMemo(() => new Set(found), [found]);
  const logCounts = useMemo(() => {
    const counts = new Map<string, number>();
    for (const { spanId } of logs) counts.set(spanId, (counts.get(spanId) ?? 0) + 1);
    return counts;
  }, [logs]);
  return (
    <>
      <div className="span-grid list-head" aria-hidden="true">
        <span>Span</span>
        <span className="ticks">
          {ticks.map((tick) => (
            <span key={tick} className="tick" style={{ left: `${(tick / (tree.durationMs || 1)) * 100}%` }}>
              {formatDuration(tick)}
            </span>
          ))}
        </span>
      </div>
      <VirtualRows
        count={visible.length}
        rowHeight={SPAN_ROW_HEIGHT}
        scrollRef={scrollRef}
        role="treegrid"
        label="Spans of the trace"
        className="waterfall"
        focusable
        activeId={selected === -1 ? undefined : `span-${selected}`}
        renderRow={(position) => {
          const index = visible[position];
          const row = index === undefined ? undefined : tree.rows[index];
          if (index === undefined || row === undefined) return null;
          return (
            <SpanLine
              key={index}
              id={`span-${index}`}
              row={row}
              totalMs={tree.durationMs}
              logs={logCounts.get(row.span.spanId) ?? 0}
              collapsed={collapsed.has(row.span.spanId)}
              selected={index === selected}
              dimmed={searching && !foundSet.has(index)}
              onSelect={() => {
                onSelect(index);
              }}
              onToggle={() => {
                onToggle(index);
              }}
            />
          );
        }}
      />
    </>
  );
}
