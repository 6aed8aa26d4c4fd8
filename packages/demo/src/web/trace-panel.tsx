export interface ActionTrace {
  traceId: string;
  action: string;
  state: 'running' | 'done' | 'failed';
  /** What came of it, for people. */
  outcome: string;
}

/** The trace of the last action, with a link to the console, and the ones before. Newest first. */
export function TracePanel({ traces, console }: { traces: readonly ActionTrace[]; console: string }) {
  const [last, ...earlier] = traces;
  return (
    <section className="panel" aria-labelledby="traces-title">
      <h2 id="traces-title">Traces</h2>
      {last === undefined ? (
        <p className="hint">
          Everything you do here is one trace through three tiers. It will be linked here.
        </p>
      ) : (
        <div className={`last-trace ${last.state}`} role="status">
          <p>
            <strong>{last.action}</strong> {last.outcome}
          </p>
          <TraceLink trace={last} console={console} testId="last-trace" />
        </div>
      )}
      {earlier.length > 0 && (
        <ul className="earlier" aria-label="Earlier traces">
          {earlier.map((trace) => (
            <li key={trace.traceId} className={trace.state}>
              <span>{trace.action}</span>
              <TraceLink trace={trace} console={console} />
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function TraceLink({ trace, console, testId }: { trace: ActionTrace; console: string; testId?: string }) {
  return (
    <a
      className="trace-id"
      data-testid={testId}
      href={`${console}/#/traces/${trace.traceId}`}
      target="_blank"
      rel="noreferrer"
      aria-label={`Trace of “${trace.action}”, ${trace.traceId}, opens the console`}
    >
      {trace.traceId}
    </a>
  );
}
