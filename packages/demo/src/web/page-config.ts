/** What the page is told at run time; see runner/web-server.ts. */
export interface PageConfig {
  gateway: string;
  otlp: string;
  console: string;
}

export async function loadConfig(): Promise<PageConfig> {
  const answer = await fetch('/config.json');
  if (!answer.ok) throw new Error(`/config.json: ${answer.status}`);
  return (await answer.json()) as PageConfig;
}
