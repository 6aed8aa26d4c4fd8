import type { LogView } from '@unhinged/observability-core';
import type { ReactNode } from 'react';

/** The level as a word; the colour only repeats it. */
export function LevelMark({ level }: { level: LogView['level'] }): ReactNode {
  return <span className={`level level-${level}`}>{level === 'unspecified' ? '–' : level}</span>;
}
