import { baseAddress } from '../runtime.js';

/** Where a request goes. */
export interface Address {
  /** Without fragment, as resource timing names it. */
  href: string;
  server: { hostname: string; port: number };
}

/** A path and query that the URL parser would leave as they are. Only in part the URL standard's: what is not certain goes to the parser. */
const PLAIN = /^(?!.*\/(?:\.|%2e|\/))\/[\w\-.~!$&()*+,;=:@%/?]*$/i;
/** Where the path may begin in an address with an origin: behind `http://` and a letter. */
const MIN_ORIGIN = 8;
const MAX_ORIGINS = 100;

let base = '';
let baseOrigin = '';
/** Origins as the parser writes them. */
const servers = new Map<string, Address['server']>();

/** The address that a request to `target` has on this page; undefined when it is not of HTTP. Throws for what is no URL. */
export function addressOf(target: string): Address | undefined {
  const current = baseAddress();
  if (current !== base) {
    base = current;
    baseOrigin = new URL(base).origin;
  }
  const at = target.startsWith('/') ? 0 : target.indexOf('/', MIN_ORIGIN);
  const origin = at === 0 ? baseOrigin : target.slice(0, at);
  const path = target.slice(at);
  const known = servers.get(origin);
  if (known && PLAIN.test(path)) return { href: origin + path, server: known };
  const url = new URL(target, base);
  if (!url.protocol.startsWith('http')) return undefined;
  url.hash = '';
  const { href, hostname } = url;
  const server = { hostname, port: Number(url.port) || (url.protocol === 'https:' ? 443 : 80) };
  if (servers.size < MAX_ORIGINS) servers.set(url.origin, server);
  return { href, server };
}
