/** Parameters of a route, decoded, in the order of their places; `*` is the rest of the path. */
export type RouteParams = Readonly<Record<string, string | undefined>>;

/** The pattern of a path: each parameter's value replaced by its name, `/users/7` with `{ id: '7' }` is `/users/:id`. */
export function routeTemplate(pathname: string, params: RouteParams): string {
  const { '*': rest, ...named } = params;
  let path = pathname;
  let tail = '';
  if (rest && (path.endsWith(rest) || decode(path).endsWith(rest))) {
    // Counted from the end in segments: the value is decoded, the path is not.
    const count = rest.split('/').length;
    path = path.split('/').slice(0, -count).join('/');
    tail = '/*';
  }
  const segments = path.split('/');
  let from = 0;
  for (const [name, value] of Object.entries(named)) {
    if (value === undefined) continue;
    const at = segments.findIndex((segment, index) => index >= from && decode(segment) === value);
    if (at < 0) continue;
    segments[at] = `:${name}`;
    from = at + 1;
  }
  return segments.join('/') + tail || '/';
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
