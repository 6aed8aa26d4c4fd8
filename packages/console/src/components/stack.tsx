import type { AttributeValue, ResolveStackResponse } from '@unhinged/observability-core';
import { useEffect, useState, type ReactNode } from 'react';
import { postJson } from '../api/client.js';
import { CopyButton } from './copy-button.js';

/** Attribute beside a stack from a browser: the debug ids of its files. */
export const DEBUG_IDS = 'unhinged.debug_ids';

/** The stack of an exception, whole; with the places of its sources where their maps were uploaded, and then a switch back. */
export function Stack({
  text,
  debugIds,
}: {
  text: string;
  debugIds?: AttributeValue | undefined;
}): ReactNode {
  const resolved = useResolved(text, debugIds);
  const [raw, setRaw] = useState(false);
  const shown = raw ? text : (resolved ?? text);
  return (
    <div className="stack-trace" data-testid="stack">
      <CopyButton text={shown} label="Copy the stack" />
      {resolved === null ? null : (
        <button
          type="button"
          className="stack-switch"
          aria-pressed={raw}
          onClick={(event) => {
            event.stopPropagation();
            setRaw(!raw);
          }}
        >
          As it came
        </button>
      )}
      <pre tabIndex={0}>{shown}</pre>
    </div>
  );
}

function useResolved(stack: string, debugIds: AttributeValue | undefined): string | null {
  const [answer, setAnswer] = useState<{ key: string; stack: string | null }>();
  const ids = Array.isArray(debugIds) ? JSON.stringify(debugIds) : '';
  const key = `${ids} ${stack}`;
  useEffect(() => {
    if (ids === '') return undefined;
    const abort = new AbortController();
    postJson<ResolveStackResponse>(
      'api/stack',
      { stack, debugIds: JSON.parse(ids) as unknown },
      abort.signal,
    ).then(
      (response) => {
        setAnswer({ key, stack: response.stack });
      },
      // Then the stack as it came is all there is.
      () => undefined,
    );
    return () => {
      abort.abort();
    };
  }, [key, ids, stack]);
  return answer?.key === key ? answer.stack : null;
}
