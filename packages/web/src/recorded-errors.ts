const recorded = new WeakSet();
/** What failed in the task that runs now, as far as it can be told apart. */
const inThisTask = new Set<string>();

/**
 * Whether an error is met for the first time by those who record uncaught ones: React reports to the window what a boundary also
 * catches, and React 18 in development renders a failing component three times in one task, with a new error each time. So the same type,
 * message and place count once a task. Values that are no objects cannot be told apart: always first.
 */
export function isFirstSeen(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return true;
  if (recorded.has(error)) return false;
  recorded.add(error);
  if (!(error instanceof Error)) return true;
  // The first line of a stack is the error itself in some browsers.
  const key = `${String(error)}\n${String(error.stack?.split('\n', 2))}`;
  if (inThisTask.has(key)) return false;
  inThisTask.add(key);
  setTimeout(() => inThisTask.delete(key));
  return true;
}
