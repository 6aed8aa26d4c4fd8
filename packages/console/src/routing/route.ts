export const VIEWS = ['overview', 'traces', 'logs', 'metrics', 'alerts', 'sql', 'connect'] as const;
export type View = (typeof VIEWS)[number];

/** What the part after `#` says: a view, what is opened in it (a trace id), and parameters such as `service`. */
export interface Route {
  view: View;
  item: string;
  parameters: Readonly<Record<string, string>>;
}

/** `#/traces/<id>?span=…`. Whatever is not understood leads to the overview. */
export function parseRoute(hash: string): Route {
  const [path = '', query = ''] = hash.replace(/^#?\/?/, '').split('?', 2);
  const [name, item = ''] = path.split('/');
  const view = VIEWS.find((candidate) => candidate === name) ?? 'overview';
  return { view, item: safeDecode(item), parameters: Object.fromEntries(new URLSearchParams(query)) };
}

export function formatRoute(view: View, item = '', parameters: Record<string, string> = {}): string {
  const query = new URLSearchParams(
    Object.entries(parameters).filter(([, value]) => value !== ''),
  ).toString();
  const path = item === '' ? `#/${view}` : `#/${view}/${encodeURIComponent(item)}`;
  return query === '' ? path : `${path}?${query}`;
}

function safeDecode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
