import type { TracesResponse, TraceSummary } from '@unhinged/observability-core';
import { useRef, useState, type ReactNode } from 'react';
import { getJson } from '../../api/client.js';
import { SearchField, SelectField, ServiceField, Toggle } from '../../components/fields.js';
import { Icon } from '../../components/icon.js';
import { Empty, ErrorNotice } from '../../components/notice.js';
import { useListKeys } from '../../components/use-list-keys.js';
import { VirtualRows } from '../../components/virtual-rows.js';
import { noExtra, scrollToShow } from '../../components/virtual-window.js';
import { useLive } from '../../live/live-context.js';
import { useHeldList } from '../../live/use-held-list.js';
import { useNow } from '../../live/use-services.js';
import { useThrottle } from '../../live/use-throttle.js';
import { formatRoute } from '../../routing/route.js';
import { TRACE_KINDS, traceMatches, tracesPath, type TraceFilter, type TraceOrder } from './trace-filter.js';
import { TraceRow } from './trace-row.js';

const ROW_HEIGHT = 44;
const MINIMUMS = [
  { value: '0', label: 'Any duration' },
  { value: '10', label: '≥ 10 ms' },
  { value: '100', label: '≥ 100 ms' },
  { value: '500', label: '≥ 500 ms' },
  { value: '1000', label: '≥ 1 s' },
  { value: '5000', label: '≥ 5 s' },
] as const;
const ORDERS = [
  { value: 'newest', label: 'Newest first' },
  { value: 'longest', label: 'Longest first' },
] as const;
const readTraces = async (path: string, signal: AbortSignal): Promise<readonly TraceSummary[]> =>
  (await getJson<TracesResponse>(path, signal)).traces;

interface TracesViewProps {
  start: Readonly<Record<string, string>>;
  services: readonly string[];
}

export function TracesView({ start, services }: TracesViewProps): ReactNode {
  const [filter, setFilter] = useState<TraceFilter>({
    service: start['service'] ?? '',
    text: start['q'] ?? '',
    errorsOnly: start['errors'] === '1',
    minMs: Number(start['minMs'] ?? 0) || 0,
  });
  const [order, setOrder] = useState<TraceOrder>('newest');
  const [paused, setPaused] = useState(false);
  const [current, setCurrent] = useState(-1);
  const scrollRef = useRef<HTMLDivElement>(null);
  const now = useNow(5_000);

  const feed = useHeldList(tracesPath(filter), readTraces, TRACE_KINDS[order]);
  const reloadSoon = useThrottle(feed.reload, 1_000);
  useLive('traces', ({ traces }) => {
    const matching = traces.filter((trace) => traceMatches(trace, filter));
    if (filter.text.trim() === '') feed.merge(matching);
    else if (matching.length > 0) reloadSoon();
  });

  const rows = feed.list.shown;
  const change = (part: Partial<TraceFilter>): void => {
    setFilter((previous) => ({ ...previous, ...part }));
    setCurrent(-1);
    setPaused(false);
    feed.release();
  };
  const togglePause = (pause: boolean): void => {
    setPaused(pause);
    if (pause) feed.hold();
    else showNewest();
  };
  const showNewest = (): void => {
    setPaused(false);
    setCurrent(-1);
    feed.release();
    scrollRef.current?.scrollTo({ top: 0 });
  };
  useListKeys({
    move: (step) => {
      const next = Math.max(0, Math.min(rows.length - 1, current + step));
      const element = scrollRef.current;
      setCurrent(next);
      feed.hold();
      if (element !== null) {
        const heights = { count: rows.length, rowHeight: ROW_HEIGHT, extra: noExtra };
        element.scrollTop = scrollToShow(heights, next, element.scrollTop, element.clientHeight);
      }
    },
    open: () => {
      const trace = rows[current];
      if (trace !== undefined) window.location.hash = formatRoute('traces', trace.traceId);
    },
    searchId: 'trace-search',
  });

  const longestMs = rows.reduce((longest, row) => Math.max(longest, row.durationMs), 0);
  const filtered = filter.service !== '' || filter.text !== '' || filter.errorsOnly || filter.minMs > 0;
  return (
    <section className="view" aria-labelledby="traces-title">
      <div className="toolbar">
        <h1 id="traces-title">Traces</h1>
        <SearchField
          id="trace-search"
          label="Name, id or attribute"
          value={filter.text}
          onChange={(text) => {
            change({ text });
          }}
        />
        <ServiceField
          value={filter.service}
          services={services}
          onChange={(service) => {
            change({ service });
          }}
        />
        <SelectField
          label="Shortest duration"
          value={filter.minMs.toString() as (typeof MINIMUMS)[number]['value']}
          options={MINIMUMS}
          onChange={(value) => {
            change({ minMs: Number(value) });
          }}
        />
        <Toggle
          pressed={filter.errorsOnly}
          onChange={(errorsOnly) => {
            change({ errorsOnly });
          }}
        >
          <Icon name="error" /> Errors
        </Toggle>
        <SelectField
          label="Order"
          value={order}
          options={ORDERS}
          onChange={(value) => {
            setOrder(value);
            feed.release();
            feed.reload();
          }}
        />
        <Toggle pressed={paused} onChange={togglePause}>
          <Icon name={paused ? 'play' : 'pause'} /> {paused ? 'Resume' : 'Pause'}
        </Toggle>
      </div>
      <ErrorNotice error={feed.error} />
      <div className="list-frame">
        <div className="trace-grid list-head" aria-hidden="true">
          <span>Trace</span>
          <span>Services</span>
          <span className="number">Spans</span>
          <span>Duration</span>
          <span className="number">Started</span>
        </div>
        {feed.list.held && feed.list.fresh > 0 ? (
          <button type="button" className="fresh-button" onClick={showNewest}>
            <Icon name="up" /> {feed.list.fresh} new
          </button>
        ) : null}
        {rows.length === 0 && feed.path !== undefined ? (
          <Empty title={filtered ? 'No trace matches' : 'No traces yet'}>
            <p>
              {filtered
                ? 'Change the filters above to see more.'
                : 'They appear here within a second of arriving.'}
            </p>
            {filtered ? null : <a href={formatRoute('connect')}>How to send data</a>}
          </Empty>
        ) : (
          <VirtualRows
            count={rows.length}
            rowHeight={ROW_HEIGHT}
            scrollRef={scrollRef}
            label="Traces"
            role="table"
            onPointerDown={feed.hold}
            onScroll={(element) => {
              if (element.scrollTop > ROW_HEIGHT / 2) feed.hold();
              else if (!paused && current === -1) feed.release();
            }}
            renderRow={(index) => {
              const trace = rows[index];
              return trace === undefined ? null : (
                <TraceRow
                  key={trace.traceId}
                  trace={trace}
                  current={index === current}
                  longestMs={longestMs}
                  nowMs={now}
                />
              );
            }}
          />
        )}
      </div>
    </section>
  );
}
