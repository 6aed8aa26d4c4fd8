/**
 * Parameters of a route, decoded or as they are in the path, in the order of their places; `*` is the rest of the path, a list stands for
 * segments one after the other (Next.js).
 */
export type RouteParams = Readonly<Record<string, string | readonly string[] | undefined>>;

/**
 * The pattern of a path: each parameter's value replaced by its name, `/users/7` with `{ id: '7' }` is `/users/:id`, `/docs/a/b` with
 * `{ slug: ['a', 'b'] }` is `/docs/:slug*`.
 */
export function routeTemplate(pathname: string, params: RouteParams): string {
  const { '*': rest, ...named } = params;
  let path = pathname;
  let tail = '';
  if (typeof rest === 'string' && rest && (path.endsWith(rest) || decode(path).endsWith(rest))) {
    // Counted from the end in segments: the value is decoded, the path is not.
    const count = rest.split('/').length;
    path = path.split('/').slice(0, -count).join('/');
    tail = '/*';
  }
  const segments = path.split('/');
  let from = 0;
  for (const [name, value] of Object.entries(named)) {
    const isList = typeof value === 'object';
    const values = isList ? value : [value];
    const isAt = (place: number) => values.every((one, index) => isValue(segments[place + index], one));
    const at = segments.findIndex((_, place) => place >= from && isAt(place));
    if (at < 0 || values.length === 0) continue;
    segments.splice(at, values.length, isList ? `:${name}*` : `:${name}`);
    from = at + 1;
  }
  return segments.join('/') + tail || '/';
}

const isValue = (segment: string | undefined, value: string | undefined): boolean =>
  segment !== undefined && (segment === value || decode(segment) === value);

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
