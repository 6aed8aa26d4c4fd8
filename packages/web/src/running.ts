import type { LogLine } from '@unhinged/observability-core';
import type { WebSettings } from './options.js';

/** What loggers need of the SDK that runs. */
export interface RunningWeb {
  settings: WebSettings;
  sessionId: string;
  record: (line: LogLine) => void;
}

let running: RunningWeb | undefined;
/** A page that makes loggers without end and never starts the SDK must not fill its memory with them. */
const MAX_WAITING = 1_000;
const waiting = new Set<(running: RunningWeb) => void>();

/** The SDK of the page; undefined before `startWeb` and after its shutdown. */
export const currentWeb = (): RunningWeb | undefined => running;

/** Called by `startWeb` and its shutdown. */
export function setCurrentWeb(next: RunningWeb | undefined): void {
  running = next;
  if (!next) return;
  const listeners = [...waiting];
  waiting.clear();
  for (const listener of listeners) listener(next);
}

/** Modules make their loggers while they are imported, before anyone could call `startWeb`. Called at once if it has been. */
export function whenStarted(listener: (running: RunningWeb) => void): void {
  if (running) listener(running);
  else if (waiting.size < MAX_WAITING) waiting.add(listener);
}
