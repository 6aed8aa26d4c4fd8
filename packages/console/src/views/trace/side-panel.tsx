import type { LogView } from '@unhinged/observability-core';
import type { ReactNode } from 'react';
import { compareNano } from '../../format/format.js';
import { SpanDetails } from './span-details.js';
import { TraceLogs } from './trace-logs.js';
import type { SpanRow, TraceTree } from './trace-tree.js';

export type PanelTab = 'span' | 'logs';

interface SidePanelProps {
  tree: TraceTree;
  logs: readonly LogView[];
  row: SpanRow | undefined;
  tab: PanelTab;
  onTab: (tab: PanelTab) => void;
  onSpan: (spanId: string) => void;
}

export function SidePanel({ tree, logs, row, tab, onTab, onSpan }: SidePanelProps): ReactNode {
  const ordered = [...logs].sort((left, right) => compareNano(left.timeNano, right.timeNano));
  // Logs may come before any span: then time counts from the first line.
  const startNano = tree.rows.length > 0 ? tree.startNano : BigInt(ordered[0]?.timeNano ?? 0);
  const tabs = [
    ['span', 'Span'],
    ['logs', `Logs (${logs.length})`],
  ] as const;
  return (
    <aside className="side-panel" aria-label="Details">
      <div className="tabs" role="tablist">
        {tabs.map(([name, label]) => (
          <button
            key={name}
            type="button"
            role="tab"
            id={`tab-${name}`}
            aria-selected={name === tab}
            aria-controls="side-panel-content"
            onClick={() => {
              onTab(name);
            }}
          >
            {label}
          </button>
        ))}
      </div>
      <div
        id="side-panel-content"
        role="tabpanel"
        aria-labelledby={`tab-${tab}`}
        className="side-panel-content"
        tabIndex={0}
      >
        {tab === 'logs' ? (
          <TraceLogs logs={ordered} startNano={startNano} spanId={row?.span.spanId} onSpan={onSpan} />
        ) : row === undefined ? (
          <p className="muted pad">Choose a span to see its attributes, events and resource.</p>
        ) : (
          <SpanDetails
            key={row.span.spanId}
            row={row}
            startNano={tree.startNano}
            logs={ordered.filter(({ spanId }) => spanId === row.span.spanId)}
          />
        )}
      </div>
    </aside>
  );
}
