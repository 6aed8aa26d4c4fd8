import { useMemo, useState } from 'react';

import { ChatApi } from './chat-api.js';
import { Composer } from './composer.js';
import { MessageList } from './message-list.js';
import type { PageConfig } from './page-config.js';
import { act, log } from './telemetry.js';
import { type ActionTrace, TracePanel } from './trace-panel.js';
import { useRoom } from './use-room.js';

const ROOM = 'lobby';
const KEPT_TRACES = 6;
const connectionText = { connecting: 'Connecting…', live: 'Live', waiting: 'Offline, trying again' };

export function App({ config }: { config: PageConfig }) {
  const api = useMemo(() => new ChatApi(config.gateway, ROOM), [config.gateway]);
  const { messages, connection, present, add } = useRoom(config.gateway, ROOM, api);
  const [author, setAuthor] = useState('Guest');
  const [query, setQuery] = useState('hello');
  const [traces, setTraces] = useState<readonly ActionTrace[]>([]);

  /** Runs an action in a trace and shows what came of it. True when it succeeded. */
  const run = async <T,>(action: string, work: () => Promise<T>, onDone: (result: T) => string) => {
    let shown: ActionTrace = { traceId: '', action, state: 'running', outcome: 'is running…' };
    const update = (change: Partial<ActionTrace>) => {
      const next = { ...shown, ...change };
      shown = next;
      setTraces((all) =>
        [next, ...all.filter(({ traceId }) => traceId !== next.traceId)].slice(0, KEPT_TRACES),
      );
    };
    try {
      await act(action, work, {
        begun: (traceId) => {
          update({ traceId });
        },
        done: (result) => {
          update({ state: 'done', outcome: onDone(result) });
        },
      });
      return true;
    } catch (error) {
      update({
        state: 'failed',
        outcome: `failed: ${error instanceof Error ? error.message : String(error)}`,
      });
      return false;
    }
  };

  const send = (text: string) =>
    run(
      'Send message',
      () => api.send(author.trim() || 'Somebody', text),
      (message) => {
        add([message]);
        log.info('Message sent', { messageId: message.id, characters: text.length });
        return 'arrived.';
      },
    );
  const search = () =>
    run(
      'Slow search',
      () => api.search(query.trim() || 'hello'),
      ({ messages: found, scanned }) => {
        log.info('Search answered', { found: found.length, scanned });
        return `found ${found.length} of ${scanned}.`;
      },
    );
  const fail = () =>
    run(
      'Export room',
      () => api.exportRoom(),
      ({ url }) => `is at ${url}`,
    );

  return (
    <div className="page">
      <header>
        <h1>
          Lobby <span className="product">Unhinged chat</span>
        </h1>
        <p className={`connection ${connection}`} data-testid="connection" role="status">
          {connectionText[connection]}
          {present > 0 && ` · ${present} here`}
        </p>
      </header>
      <main>
        <MessageList messages={messages} me={author} />
        <Composer author={author} onAuthor={setAuthor} onSend={send} />
      </main>
      <aside>
        <section className="panel" aria-labelledby="try-title">
          <h2 id="try-title">Try something</h2>
          <label htmlFor="query">Search for</label>
          <div className="row">
            <input
              id="query"
              value={query}
              maxLength={100}
              onChange={(event) => {
                setQuery(event.target.value);
              }}
            />
            <button type="button" data-testid="slow" onClick={() => void search()}>
              Slow search
            </button>
          </div>
          <button type="button" className="danger" data-testid="fail" onClick={() => void fail()}>
            Trigger an error
          </button>
          <p className="hint">Asks the back end for an export. Its archive is broken, on purpose.</p>
        </section>
        <TracePanel traces={traces} console={config.console} />
        <nav className="panel links" aria-label="Elsewhere">
          <a href={config.console} target="_blank" rel="noreferrer">
            Console
          </a>
          <a href={`${config.gateway}/docs`} target="_blank" rel="noreferrer">
            API documentation
          </a>
        </nav>
      </aside>
    </div>
  );
}
