/** Tells the developer, not the user: the page goes on. */
export function reportProblem(problem: string, cause?: unknown): void {
  console.error(`[unhinged] ${problem}`, ...(cause === undefined ? [] : [cause]));
}

/** What fails in us is told, and fails neither the page nor what else of us there is to do. */
export function safely<T>(fn: () => T, problem = 'An instrument failed; the others run.'): T | undefined {
  try {
    return fn();
  } catch (error) {
    reportProblem(problem, error);
    return undefined;
  }
}
