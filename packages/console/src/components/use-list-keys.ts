import { useEffect, useEffectEvent } from 'react';

interface ListKeys {
  /** Rows down (positive) or up. */
  move: (step: number) => void;
  open?: () => void;
  /** The element `/` puts the focus on. */
  searchId?: string;
  /** Further keys of the view, by `event.key`. */
  more?: Readonly<Record<string, () => void>>;
}

const STEPS: Readonly<Record<string, number>> = {
  j: 1,
  ArrowDown: 1,
  k: -1,
  ArrowUp: -1,
  PageDown: 20,
  PageUp: -20,
  Home: -Infinity,
  End: Infinity,
};

/** The keyboard of a list: j/k and arrows move, Enter opens, / searches. Quiet while the user types into a field. */
export function useListKeys({ move, open, searchId, more }: ListKeys): void {
  const actionOf = (key: string, target: HTMLElement | undefined): (() => void) | undefined => {
    const step = STEPS[key];
    if (step !== undefined)
      return () => {
        move(step);
      };
    if (key === '/' && searchId !== undefined) return () => document.getElementById(searchId)?.focus();
    // Enter on a link or a button is theirs.
    if (key === 'Enter') return target?.closest('a, button') == null ? open : undefined;
    return more?.[key];
  };
  const onKey = useEffectEvent((event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    const target = event.target instanceof HTMLElement ? event.target : undefined;
    if (target?.closest('input, textarea, select, [contenteditable]') != null) return;
    const action = actionOf(event.key, target);
    if (action === undefined) return;
    event.preventDefault();
    action();
  });
  useEffect(() => {
    const listener = (event: KeyboardEvent): void => {
      onKey(event);
    };
    document.addEventListener('keydown', listener);
    return () => {
      document.removeEventListener('keydown', listener);
    };
  }, []);
}
