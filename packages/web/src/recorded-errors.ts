const recorded = new WeakSet();

/**
 * Whether an error is met for the first time by those who record uncaught ones: React 18 reports in development to the window what
 * a boundary also catches. Values that are no objects cannot be told apart: always first.
 */
export function isFirstSeen(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return true;
  if (recorded.has(error)) return false;
  recorded.add(error);
  return true;
}
