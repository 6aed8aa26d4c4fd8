import type { QueryResponse } from '@unhinged/observability-core';
import { useEffect, useRef, useState, type ReactNode } from 'react';
import { ApiError, postJson } from '../../api/client.js';
import { CopyButton } from '../../components/copy-button.js';
import { Icon } from '../../components/icon.js';
import { ErrorNotice } from '../../components/notice.js';
import { formatDuration } from '../../format/format.js';
import { readStored, writeStored } from '../../storage.js';
import { toCsv, toJson } from './export.js';
import { FlushNote } from './flush-note.js';
import { ResultGrid } from './result-grid.js';
import { SAMPLES } from './samples.js';

const KEY = 'unhinged.sql';
const MAX_ROWS = 1_000;

interface Run {
  running: boolean;
  result?: QueryResponse;
  error?: ApiError;
}

/** `start` may bring a query, as `q`; it waits for the user to run it. */
export function SqlView({ start }: { start: Readonly<Record<string, string>> }): ReactNode {
  const [sql, setSql] = useState(() => start['q'] ?? readStored(KEY) ?? SAMPLES[0]?.sql ?? '');
  const [{ running, result, error }, setRun] = useState<Run>({ running: false });
  const abort = useRef<AbortController>(undefined);
  useEffect(
    () => () => {
      abort.current?.abort();
    },
    [],
  );

  const run = async (text: string): Promise<void> => {
    abort.current?.abort();
    const own = new AbortController();
    abort.current = own;
    writeStored(KEY, text);
    setRun((previous) => ({ ...previous, running: true }));
    try {
      const answer = await postJson<QueryResponse>('api/query', { sql: text, maxRows: MAX_ROWS }, own.signal);
      if (!own.signal.aborted) setRun({ running: false, result: answer });
    } catch (cause) {
      if (own.signal.aborted) return;
      const failure =
        cause instanceof ApiError ? cause : new ApiError(0, 'bad_answer', String(cause), { cause });
      setRun({ running: false, error: failure });
    }
  };

  return (
    <section className="view" aria-labelledby="sql-title">
      <div className="toolbar">
        <h1 id="sql-title">SQL</h1>
        {SAMPLES.map((sample) => (
          <button
            key={sample.name}
            type="button"
            className="button"
            onClick={() => {
              setSql(sample.sql);
              void run(sample.sql);
            }}
          >
            {sample.name}
          </button>
        ))}
      </div>
      <form
        className="sql-form"
        onSubmit={(event) => {
          event.preventDefault();
          void run(sql);
        }}
      >
        <textarea
          className="sql-input"
          aria-label="SQL"
          data-testid="sql-input"
          value={sql}
          rows={Math.min(14, Math.max(5, sql.split('\n').length + 1))}
          spellCheck={false}
          autoComplete="off"
          onChange={(event) => {
            setSql(event.target.value);
          }}
          onKeyDown={(event) => {
            if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
            event.preventDefault();
            void run(sql);
          }}
        />
        <div className="sql-actions">
          <button
            type="submit"
            className="button is-primary"
            data-testid="sql-run"
            disabled={running || sql.trim() === ''}
          >
            <Icon name="play" /> {running ? 'Running…' : 'Run'}
          </button>
          <kbd>Ctrl</kbd>
          <kbd>Enter</kbd>
          <FlushNote />
        </div>
      </form>
      {error === undefined ? null : (
        <div data-testid="sql-result">
          <ErrorNotice error={error} />
        </div>
      )}
      {result === undefined ? null : (
        <div className={`sql-result${running ? ' is-stale' : ''}`} data-testid="sql-result">
          <div className="result-head">
            <span role="status">
              {result.rows.length === 1 ? '1 row' : `${result.rows.length.toLocaleString('en-US')} rows`} in{' '}
              {formatDuration(result.elapsedMs)}
            </span>
            {result.truncated ? (
              <span className="badge badge-running">
                cut at {MAX_ROWS.toLocaleString('en-US')} rows; add a LIMIT or a condition
              </span>
            ) : null}
            <span className="push-right result-actions">
              <CopyButton text={() => toCsv(result)} label="Copy as CSV">
                CSV
              </CopyButton>
              <CopyButton text={() => toJson(result)} label="Copy as JSON">
                JSON
              </CopyButton>
            </span>
          </div>
          <ResultGrid result={result} />
        </div>
      )}
    </section>
  );
}
