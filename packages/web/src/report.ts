/** Tells the developer, not the user: the page goes on. */
export function reportProblem(problem: string, cause?: unknown): void {
  console.error(`[unhinged] ${problem}`, ...(cause === undefined ? [] : [cause]));
}
