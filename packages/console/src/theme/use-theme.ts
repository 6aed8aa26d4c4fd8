import { useCallback, useState } from 'react';
import { readStored, writeStored } from '../storage.js';

export type Theme = 'system' | 'light' | 'dark';
const THEMES: readonly Theme[] = ['system', 'light', 'dark'];
const KEY = 'unhinged.theme';

function storedTheme(): Theme {
  const stored = readStored(KEY);
  return THEMES.find((theme) => theme === stored) ?? 'system';
}

/** Puts the stored choice on the document before the first paint. `system` leaves it to prefers-color-scheme. */
export function applyTheme(theme: Theme = storedTheme()): void {
  if (theme === 'system') delete document.documentElement.dataset['theme'];
  else document.documentElement.dataset['theme'] = theme;
}

/** The theme, and what moves it on: system → light → dark. */
export function useTheme(): [Theme, () => void] {
  const [theme, setTheme] = useState(storedTheme);
  const next = useCallback(() => {
    const following = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length] ?? 'system';
    writeStored(KEY, following);
    applyTheme(following);
    setTheme(following);
  }, [theme]);
  return [theme, next];
}
