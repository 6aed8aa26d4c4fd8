import type { LogView } from '@unhinged/observability-core';
import type { ReactNode } from 'react';
import { ServiceName } from '../../components/service-name.js';
import { formatDuration } from '../../format/format.js';
import { LevelMark } from '../logs/level-mark.js';

interface TraceLogsProps {
  logs: readonly LogView[];
  startNano: bigint;
  spanId: string | undefined;
  onSpan?: (spanId: string) => void;
}

/** The lines of a trace in order; the lines of the span `spanId` stand out. */
export function TraceLogs({ logs, startNano, spanId, onSpan }: TraceLogsProps): ReactNode {
  if (logs.length === 0) return <p className="muted pad">No log line carries the id of this trace.</p>;
  return (
    <ol className="trace-logs">
      {logs.map((log) => (
        <li key={log.eventId}>
          <button
            type="button"
            className={`trace-log${log.spanId === spanId ? ' is-selected' : ''}`}
            disabled={onSpan === undefined}
            onClick={() => onSpan?.(log.spanId)}
            data-testid="trace-log"
            data-span-id={log.spanId}
          >
            <span className="trace-log-head">
              <LevelMark level={log.level} />
              <ServiceName service={log.service} />
              <span className="mono muted push-right">
                +{formatDuration(Math.max(0, Number(BigInt(log.timeNano) - startNano) / 1e6))}
              </span>
            </span>
            <span className="trace-log-message">{log.message}</span>
            {log.error === undefined ? null : (
              <span className="trace-log-error">
                {log.error.type}: {log.error.message}
              </span>
            )}
          </button>
        </li>
      ))}
    </ol>
  );
}
