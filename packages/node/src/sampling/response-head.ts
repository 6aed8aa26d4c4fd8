import type { OutgoingHttpHeader, ServerResponse } from 'node:http';

/** Headers as `writeHead` takes them: an object, or names and values in turn. */
type GivenHeaders = Record<string, OutgoingHttpHeader | undefined> | OutgoingHttpHeader[];

const ALLOW = 'access-control-allow-origin';
const EXPOSE = 'access-control-expose-headers';

/**
 * Lets `value(status)` decide about one response header at the last moment, when the head is about to leave; undefined sends
 * none. A browser shows a script of another origin only the headers that are listed for it, so under CORS the name is added to
 * what the application exposes itself.
 */
export function setAtHead(
  response: ServerResponse,
  name: string,
  value: (status: number) => string | undefined,
): void {
  const writeHead = response.writeHead.bind(response) as (...args: unknown[]) => ServerResponse;
  // Node itself calls this method of the instance for a head that the application leaves to it.
  response.writeHead = (...args: unknown[]) => {
    const status = typeof args[0] === 'number' ? args[0] : response.statusCode;
    const text = status < 200 || response.headersSent ? undefined : value(status);
    if (text === undefined) return writeHead(...args);
    const last = args.length - 1;
    const given = last > 0 && typeof args[last] === 'object' ? (args[last] as GivenHeaders | null) : null;
    const added = [...exposure(response, given ?? [], name), [name, text] as const];
    // Once a header is set, node takes a list apart and loses all but the last of those with one name (its cookies): so what
    // comes as a list leaves as a list.
    if (given === null) for (const [key, list] of added) response.setHeader(key, list);
    else args[last] = withHeaders(given, added);
    return writeHead(...args);
  };
}

type Added = readonly (readonly [name: string, value: string])[];

function exposure(response: ServerResponse, given: GivenHeaders, name: string): Added {
  const own = (key: string) => (Array.isArray(given) ? inList(given, key) : inObject(given, key));
  if (own(ALLOW) === undefined && !response.hasHeader(ALLOW)) return [];
  return [[EXPOSE, withName(own(EXPOSE) ?? response.getHeader(EXPOSE), name)]];
}

function inList(given: readonly OutgoingHttpHeader[], name: string): OutgoingHttpHeader | undefined {
  return given.find((_, index) => index % 2 === 1 && String(given[index - 1]).toLowerCase() === name);
}

function inObject(given: Readonly<Record<string, OutgoingHttpHeader | undefined>>, name: string) {
  const key = Object.keys(given).find((own) => own.toLowerCase() === name);
  return key === undefined ? undefined : given[key];
}

/** A copy in which the added headers take the place of their namesakes. */
function withHeaders(given: GivenHeaders, added: Added): GivenHeaders {
  const replaced = (key: OutgoingHttpHeader | undefined) =>
    added.some(([name]) => name === String(key).toLowerCase());
  if (Array.isArray(given)) {
    const kept = given.filter((_, index) => !replaced(given[index - (index % 2)]));
    return [...kept, ...added.flat()];
  }
  return Object.fromEntries([...Object.entries(given).filter(([key]) => !replaced(key)), ...added]);
}

/** `*` in the list stays: it stands for all, but not on a request with credentials, so the name is added to it, too. */
function withName(list: OutgoingHttpHeader | undefined, name: string): string {
  const names = (Array.isArray(list) ? list : [String(list ?? '')])
    .flatMap((part) => part.split(','))
    .map((part) => part.trim())
    .filter((part) => part !== '');
  return names.some((known) => known.toLowerCase() === name) ? names.join(', ') : [...names, name].join(', ');
}
