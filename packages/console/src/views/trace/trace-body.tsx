import type { TraceResponse } from '@unhinged/observability-core';
import { useMemo, useRef, useState, type ReactNode } from 'react';
import { SearchField } from '../../components/fields.js';
import { Icon } from '../../components/icon.js';
import { ServiceName } from '../../components/service-name.js';
import { useListKeys } from '../../components/use-list-keys.js';
import { noExtra, scrollToShow } from '../../components/virtual-window.js';
import { formatDateTime, formatDuration } from '../../format/format.js';
import { Minimap } from './minimap.js';
import { SidePanel, type PanelTab } from './side-panel.js';
import type { TraceTree } from './trace-tree.js';
import { SPAN_ROW_HEIGHT, Waterfall } from './waterfall.js';
import { errorRows, nextAfter, revealed, searchRows, visibleRows } from './waterfall-rows.js';

interface TraceBodyProps {
  trace: TraceResponse;
  tree: TraceTree;
  startSpan: string | undefined;
}

export function TraceBody({ trace, tree, startSpan }: TraceBodyProps): ReactNode {
  const { rows } = tree;
  const [collapsed, setCollapsed] = useState<ReadonlySet<string>>(new Set());
  // Kept by id, since rows move while a trace still arrives.
  const [selected, setSelected] = useState(startSpan ?? '');
  const [tab, setTab] = useState<PanelTab>(startSpan === undefined ? 'logs' : 'span');
  const [text, setText] = useState('');
  const scrollRef = useRef<HTMLDivElement>(null);

  const visible = useMemo(() => visibleRows(rows, collapsed), [rows, collapsed]);
  const errors = useMemo(() => errorRows(rows), [rows]);
  const found = useMemo(() => searchRows(rows, text), [rows, text]);
  const services = useMemo(() => [...new Set(rows.map(({ span }) => span.service))], [rows]);
  const selectedRow = tree.rowOf.get(selected) ?? -1;

  const select = (row: number, opened: PanelTab = tab): void => {
    const span = rows[row]?.span;
    if (span === undefined) return;
    const open = revealed(rows, row, collapsed);
    setCollapsed(open);
    setSelected(span.spanId);
    setTab(opened);
    const element = scrollRef.current;
    if (element === null) return;
    const shown = visibleRows(rows, open);
    const heights = { count: shown.length, rowHeight: SPAN_ROW_HEIGHT, extra: noExtra };
    // The space grows only after the state is drawn; scrolling then finds it.
    requestAnimationFrame(() => {
      element.scrollTop = scrollToShow(heights, shown.indexOf(row), element.scrollTop, element.clientHeight);
    });
  };
  const toggle = (row: number, close?: boolean): void => {
    const own = rows[row];
    if (own === undefined || own.descendants === 0) return;
    const next = new Set(collapsed);
    if (close ?? !next.has(own.span.spanId)) next.add(own.span.spanId);
    else next.delete(own.span.spanId);
    setCollapsed(next);
  };
  const nextError = (): void => {
    select(nextAfter(errors, selectedRow) ?? -1, 'span');
  };
  const nextFound = (): void => {
    select(nextAfter(found, selectedRow) ?? -1, 'span');
  };
  useListKeys({
    move: (step) => {
      const at = visible.indexOf(selectedRow);
      select(visible[Math.max(0, Math.min(visible.length - 1, at + step))] ?? -1);
    },
    open: () => {
      setTab('span');
    },
    searchId: 'span-search',
    more: {
      e: nextError,
      n: nextFound,
      l: () => {
        setTab('logs');
      },
      ArrowLeft: () => {
        const row = rows[selectedRow];
        if (row === undefined) return;
        if (row.descendants > 0 && !collapsed.has(row.span.spanId)) toggle(selectedRow, true);
        else select(row.parent);
      },
      ArrowRight: () => {
        toggle(selectedRow, false);
      },
    },
  });

  return (
    <div className="trace-body">
      <div className="trace-summary">
        <span>
          <strong>{formatDuration(tree.durationMs)}</strong>
        </span>
        <span>{rows.length === 1 ? '1 span' : `${rows.length.toLocaleString('en-US')} spans`}</span>
        {rows.length === 0 ? null : (
          <span className="muted">{formatDateTime(Number(tree.startNano / 1_000_000n))}</span>
        )}
        {services.slice(0, 6).map((service) => (
          <ServiceName key={service} service={service} />
        ))}
        <span className="push-right trace-tools">
          <form
            onSubmit={(event) => {
              event.preventDefault();
              nextFound();
            }}
            onKeyDown={(event) => {
              if (event.key !== 'Escape') return;
              setText('');
              scrollRef.current?.focus();
            }}
          >
            <SearchField id="span-search" label="Search spans ( / )" value={text} onChange={setText} />
          </form>
          {text.trim() === '' ? null : (
            <span className="muted" role="status">
              {found.length === 1 ? '1 match' : `${found.length} matches`}
            </span>
          )}
          <button
            type="button"
            className="button"
            disabled={errors.length === 0}
            onClick={nextError}
            title="Next error ( e )"
          >
            <Icon name="error" /> {errors.length === 0 ? 'No errors' : `Next of ${errors.length}`}
          </button>
        </span>
      </div>
      <div className="trace-split">
        <div className="trace-main">
          <Minimap tree={tree} visible={visible} scrollRef={scrollRef} rowHeight={SPAN_ROW_HEIGHT} />
          <Waterfall
            tree={tree}
            visible={visible}
            collapsed={collapsed}
            selected={selectedRow}
            found={found}
            searching={text.trim() !== ''}
            logs={trace.logs}
            scrollRef={scrollRef}
            onSelect={(row) => {
              select(row, 'span');
            }}
            onToggle={toggle}
          />
        </div>
        <SidePanel
          tree={tree}
          logs={trace.logs}
          row={rows[selectedRow]}
          tab={tab}
          onTab={setTab}
          onSpan={(spanId) => {
            select(tree.rowOf.get(spanId) ?? -1, 'logs');
          }}
        />
      </div>
    </div>
  );
}
