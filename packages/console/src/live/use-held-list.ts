import { useCallback, useEffect, useReducer, useState } from 'react';
import { ApiError } from '../api/client.js';
import {
  emptyList,
  holdList,
  mergeItems,
  releaseList,
  replaceItems,
  type HeldList,
  type ListKind,
} from './held-list.js';
import { useLiveStatus } from './live-context.js';

type Action<Item> =
  | { do: 'load'; items: readonly Item[]; path: string }
  | { do: 'fail'; error: ApiError }
  | { do: 'merge'; items: readonly Item[] }
  | { do: 'hold' }
  | { do: 'release' };
interface State<Item> {
  list: HeldList<Item>;
  /** What the items were read from; another path is another list. */
  path: string | undefined;
  error: ApiError | undefined;
}
export interface HeldFeed<Item> extends State<Item> {
  merge: (items: readonly Item[]) => void;
  hold: () => void;
  release: () => void;
  reload: () => void;
}

/** A live list: what `read` finds at `path`, again after a gap, with what arrives put in by `merge`. */
export function useHeldList<Item>(
  path: string,
  read: (path: string, signal: AbortSignal) => Promise<readonly Item[]>,
  kind: ListKind<Item>,
): HeldFeed<Item> {
  const reduce = useCallback(
    (state: State<Item>, action: Action<Item>): State<Item> => {
      switch (action.do) {
        case 'load': {
          const from = action.path === state.path ? state.list : emptyList;
          return { list: replaceItems(from, action.items, kind), path: action.path, error: undefined };
        }
        case 'fail':
          return { ...state, error: action.error };
        case 'merge':
          return { ...state, list: mergeItems(state.list, action.items, kind) };
        case 'hold':
          return { ...state, list: holdList(state.list) };
        case 'release':
          return { ...state, list: releaseList(state.list) };
      }
    },
    [kind],
  );
  const [state, dispatch] = useReducer(reduce, { list: emptyList, path: undefined, error: undefined });
  const [turn, setTurn] = useState(0);
  const { epoch } = useLiveStatus();

  useEffect(() => {
    const abort = new AbortController();
    read(path, abort.signal).then(
      (items) => {
        if (!abort.signal.aborted) dispatch({ do: 'load', items, path });
      },
      (cause: unknown) => {
        if (abort.signal.aborted) return;
        dispatch({
          do: 'fail',
          error: cause instanceof ApiError ? cause : new ApiError(0, 'bad_answer', String(cause), { cause }),
        });
      },
    );
    return () => {
      abort.abort();
    };
  }, [path, read, turn, epoch]);

  return {
    ...state,
    merge: useCallback((items) => {
      dispatch({ do: 'merge', items });
    }, []),
    hold: useCallback(() => {
      dispatch({ do: 'hold' });
    }, []),
    release: useCallback(() => {
      dispatch({ do: 'release' });
    }, []),
    reload: useCallback(() => {
      setTurn((value) => value + 1);
    }, []),
  };
}
