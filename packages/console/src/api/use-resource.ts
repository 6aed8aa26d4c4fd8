import { useCallback, useEffect, useState } from 'react';
import { useLiveStatus } from '../live/live-context.js';
import { ApiError, getJson } from './client.js';

export interface Resource<T> {
  /** The newest answer; kept while a newer one is on its way, also when `path` changes. */
  data: T | undefined;
  /** The path `data` came from. */
  from: string | undefined;
  error: ApiError | undefined;
  reload: () => void;
}

/** GET `path` now, every `refreshMs` if given, and again after the live connection has missed something. */
export function useResource<T>(path: string, { refreshMs }: { refreshMs?: number } = {}): Resource<T> {
  const [answer, setAnswer] = useState<{ data?: T; from?: string; error?: ApiError }>({});
  const [turn, setTurn] = useState(0);
  const { epoch } = useLiveStatus();
  const reload = useCallback(() => {
    setTurn((value) => value + 1);
  }, []);

  useEffect(() => {
    const abort = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const load = async (): Promise<void> => {
      try {
        const data = await getJson<T>(path, abort.signal);
        if (!abort.signal.aborted) setAnswer({ data, from: path });
      } catch (cause) {
        if (abort.signal.aborted) return;
        const error =
          cause instanceof ApiError ? cause : new ApiError(0, 'bad_answer', String(cause), { cause });
        setAnswer((previous) => ({ ...previous, error }));
      }
      if (refreshMs !== undefined) timer = setTimeout(() => void load(), refreshMs);
    };
    void load();
    return () => {
      abort.abort();
      clearTimeout(timer);
    };
  }, [path, refreshMs, turn, epoch]);

  return { data: answer.data, from: answer.from, error: answer.error, reload };
}
