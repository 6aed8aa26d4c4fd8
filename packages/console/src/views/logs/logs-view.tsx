import type { LogsResponse, LogView } from '@unhinged/observability-core';
import { useCallback, useLayoutEffect, useMemo, useRef, useState, type ReactNode } from 'react';
import { getJson } from '../../api/client.js';
import { SearchField, SelectField, ServiceField } from '../../components/fields.js';
import { Icon } from '../../components/icon.js';
import { Empty, ErrorNotice } from '../../components/notice.js';
import { useListKeys } from '../../components/use-list-keys.js';
import { VirtualRows } from '../../components/virtual-rows.js';
import { useLive } from '../../live/live-context.js';
import { useHeldList } from '../../live/use-held-list.js';
import { formatRoute } from '../../routing/route.js';
import { LEVELS, LOG_KIND, logMatches, logsPath, type LogFilter } from './log-filter.js';
import { LogLine } from './log-line.js';

const ROW_HEIGHT = 26;
const readLogs = async (path: string, signal: AbortSignal): Promise<readonly LogView[]> =>
  (await getJson<LogsResponse>(path, signal)).logs;
const LEVEL_OPTIONS = LEVELS.map((level) => ({
  value: level,
  label: level === 'trace' ? 'All levels' : level === 'fatal' ? 'fatal' : `${level} and above`,
}));

interface LogsViewProps {
  start: Readonly<Record<string, string>>;
  services: readonly string[];
}

export function LogsView({ start, services }: LogsViewProps): ReactNode {
  const [filter, setFilter] = useState<LogFilter>({
    service: start['service'] ?? '',
    level: LEVELS.find((level) => level === start['level']) ?? 'trace',
    text: start['q'] ?? '',
  });
  // Opened lines and how much taller than a row each is drawn.
  const [opened, setOpened] = useState<ReadonlyMap<string, number>>(new Map());
  const scrollRef = useRef<HTMLDivElement>(null);
  const feed = useHeldList(logsPath(filter), readLogs, LOG_KIND);
  useLive('logs', ({ logs }) => {
    feed.merge(logs.filter((log) => logMatches(log, filter)));
  });

  const { shown: rows, held, fresh } = feed.list;
  const extra = useMemo(() => {
    const heights = new Map<number, number>();
    if (opened.size > 0) {
      rows.forEach(({ eventId }, index) => {
        const more = opened.get(eventId);
        if (more !== undefined) heights.set(index, more);
      });
    }
    return heights;
  }, [rows, opened]);

  // Following: the newest line stays in sight.
  useLayoutEffect(() => {
    const element = scrollRef.current;
    if (!held && element !== null) element.scrollTop = element.scrollHeight;
  }, [rows, held]);

  const toEnd = (): void => {
    setOpened(new Map());
    feed.release();
  };
  const change = (part: Partial<LogFilter>): void => {
    setFilter((previous) => ({ ...previous, ...part }));
    toEnd();
  };
  const toggle = (eventId: string): void => {
    feed.hold();
    setOpened((previous) => {
      const next = new Map(previous);
      if (!next.delete(eventId)) next.set(eventId, 0);
      return next;
    });
  };
  const setHeight = useCallback((eventId: string, pixels: number) => {
    setOpened((previous) => {
      const known = previous.get(eventId);
      return known === undefined || known === pixels ? previous : new Map(previous).set(eventId, pixels);
    });
  }, []);
  useListKeys({
    move: (step) => {
      const element = scrollRef.current;
      if (element === null) return;
      if (Number.isFinite(step)) element.scrollBy({ top: step * ROW_HEIGHT });
      else element.scrollTop = step < 0 ? 0 : element.scrollHeight;
    },
    searchId: 'log-search',
  });

  const filtered = filter.service !== '' || filter.text !== '' || filter.level !== 'trace';
  return (
    <section className="view" aria-labelledby="logs-title">
      <div className="toolbar">
        <h1 id="logs-title">Logs</h1>
        <SearchField
          id="log-search"
          label="Message or attribute"
          value={filter.text}
          onChange={(text) => {
            change({ text });
          }}
        />
        <SelectField
          label="Least level"
          value={filter.level}
          options={LEVEL_OPTIONS}
          onChange={(level) => {
            change({ level });
          }}
        />
        <ServiceField
          value={filter.service}
          services={services}
          onChange={(service) => {
            change({ service });
          }}
        />
        <span className="muted push-right" role="status">
          {held ? 'Holding its place' : 'Following'} · {rows.length.toLocaleString('en-US')} lines
        </span>
      </div>
      <ErrorNotice error={feed.error} />
      <div className="list-frame">
        {rows.length === 0 && feed.path !== undefined ? (
          <Empty title={filtered ? 'No line matches' : 'No logs yet'}>
            <p>{filtered ? 'New lines that match appear here.' : 'Lines appear here as they are written.'}</p>
            {filtered ? null : <a href={formatRoute('connect')}>How to send data</a>}
          </Empty>
        ) : (
          <VirtualRows
            count={rows.length}
            rowHeight={ROW_HEIGHT}
            extra={extra}
            scrollRef={scrollRef}
            label="Log lines"
            role="table"
            className="log-list"
            focusable
            onPointerDown={feed.hold}
            onScroll={(element) => {
              const below = element.scrollHeight - element.clientHeight - element.scrollTop;
              if (below > ROW_HEIGHT) feed.hold();
              else if (opened.size === 0) feed.release();
            }}
            renderRow={(index) => {
              const log = rows[index];
              return log === undefined ? null : (
                <LogLine
                  key={log.eventId}
                  log={log}
                  rowHeight={ROW_HEIGHT}
                  open={opened.has(log.eventId)}
                  onToggle={toggle}
                  onHeight={setHeight}
                />
              );
            }}
          />
        )}
        {held ? (
          <button type="button" className="fresh-button at-end" onClick={toEnd} data-testid="logs-new">
            <Icon name="down" /> {fresh === 0 ? 'Follow' : `${fresh} new`}
          </button>
        ) : null}
      </div>
    </section>
  );
}
