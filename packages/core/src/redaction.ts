import { ObservabilityError } from './errors.js';
import { safeText } from './json-text.js';

/** What stands where a secret was, unless a censor says otherwise. */
export const REDACTED = '[Redacted]';

/**
 * Keys whose values are secrets wherever they stand; compared, like every name given to redaction, without regard to case, `-`
 * and `_`, so that `api_key` is also `apiKey` and `API-Key`.
 */
export const DEFAULT_REDACTED: readonly string[] = [
  'authorization',
  'proxy-authorization',
  'cookie',
  'set-cookie',
  'password',
  'passwd',
  'passphrase',
  'secret',
  'client_secret',
  'token',
  'access_token',
  'refresh_token',
  'id_token',
  'auth_token',
  'session_token',
  'csrf_token',
  'api_key',
  'x-api-key',
  'x-auth-token',
  'x-csrf-token',
  'private_key',
];

/**
 * Makes what stands for a value that redaction found, such as a hash of personal data. Its result is made safe like any value;
 * undefined drops the key, throwing leaves `[Redacted]`.
 *
 * @param path Keys from the top of the metadata, the key of the value last.
 */
export type Censor = (value: unknown, path: readonly string[]) => unknown;

export interface RedactOptions {
  /**
   * A single name (`password`) stands for that key anywhere. Several (`user.*.token`, `**.card.number`) are a path from the top of the
   * metadata, where `*` is any one key or index and `**` any number of keys.
   */
  paths?: readonly string[];
  /** Redact {@link DEFAULT_REDACTED} too. Default true. */
  defaults?: boolean;
  /** Default: `[Redacted]`. */
  censor?: Censor;
}

/** The value of a `redact` option: paths beside the defaults, everything in detail, or false for no redaction at all. */
export type Redact = readonly string[] | RedactOptions | false;

/** Keys of metadata that mean something to a logger. */
export type Role = 'correlationId' | 'requestId' | 'sessionId' | 'userId' | 'category';

const ROLES: readonly string[] = ['correlationId', 'requestId', 'sessionId', 'userId', 'category'];

/** Of a key that was met: what has to be known of it each time. */
export interface KnownKey {
  /** The key as it is written: bounded, without lone surrogates, never `__proto__`. */
  readonly name: string;
  /** `"key":` */
  readonly first: string;
  /** `,"key":` */
  readonly next: string;
  /** The same with the quote that begins a text. */
  readonly firstText: string;
  readonly nextText: string;
  /** Its value is redacted wherever it stands. */
  readonly secret: boolean;
  readonly role: Role | undefined;
  /** For the `LineEncoder` of the process: what it made of the key, once for all lines. */
  encoded: object | undefined;
}

/** Where the paths of a redaction are after some keys. */
export type PathState = readonly PathNode[];

interface PathNode {
  readonly keys: Map<string, PathNode>;
  any?: PathNode;
  deep?: PathNode;
  /** `**`: stays whatever key comes. */
  readonly stays: boolean;
  ends: boolean;
}

const MAX_KNOWN = 1_000;
const MAX_KNOWN_LENGTH = 128;
const MAX_KEY = 1_024;

/** Compiled paths and names. Made once, asked for each key of each line. */
export class Redaction {
  readonly censor: Censor | undefined;
  /** Undefined when no path has more than one name: then nobody need keep track of where they are. */
  readonly paths: PathState | undefined;
  readonly #names: ReadonlySet<string>;
  readonly #known = new Map<string, KnownKey>();

  /** @throws ObservabilityError `bad_redact`, naming the path. */
  constructor(redact: Redact = []) {
    const { paths = [], defaults = redact !== false, censor } = optionsOf(redact);
    const names = new Set(defaults ? DEFAULT_REDACTED.map(normal) : []);
    const root = node(false);
    let hasPaths = false;
    for (const path of paths) {
      const segments = segmentsOf(path);
      const [only = ''] = segments;
      if (segments.length === 1 && only !== '*' && only !== '**') {
        names.add(normal(only));
      } else {
        hasPaths = true;
        segments.reduce(grow, root).ends = true;
      }
    }
    this.censor = censor;
    this.#names = names;
    this.paths = hasPaths ? reach([], root) : undefined;
  }

  /** Remembers keys, as the same few come with every line. */
  key(key: string): KnownKey {
    return this.#known.get(key) ?? this.#learn(key);
  }

  isSecretName(name: string): boolean {
    return this.#names.has(normal(name));
  }

  /** One key further. A key with dots in it, as of a flat attribute, is as many keys. */
  step(state: PathState, key: string): PathState {
    let reached = state;
    for (const segment of key.split('.')) {
      const name = normal(segment);
      const next: PathNode[] = [];
      for (const each of reached) {
        if (each.stays) reach(next, each);
        if (each.any) reach(next, each.any);
        const named = each.keys.get(name);
        if (named) reach(next, named);
      }
      reached = next;
    }
    return reached;
  }

  #learn(key: string): KnownKey {
    // Decoders behind us, that of ts-proto's Struct among them, assign a key called __proto__ and change a prototype.
    const name = key === '__proto__' ? '[__proto__]' : safeText(key, MAX_KEY);
    const first = `${JSON.stringify(name)}:`;
    const secret = this.isSecretName(key.slice(key.lastIndexOf('.') + 1));
    const role = ROLES.includes(key) ? (key as Role) : undefined;
    const next = `,${first}`;
    const texts = { firstText: `${first}"`, nextText: `${next}"` };
    const known: KnownKey = { name, first, next, ...texts, secret, role, encoded: undefined };
    if (key.length <= MAX_KNOWN_LENGTH) {
      // Keys that are data (ids, say) must not displace the usual ones for good.
      if (this.#known.size >= MAX_KNOWN) this.#known.clear();
      this.#known.set(key, known);
    }
    return known;
  }
}

/** True when a path ends here. */
export function endsHere(state: PathState): boolean {
  return state.some((each) => each.ends);
}

/**
 * The redaction of a runtime: the option, and LOG_REDACT, which has paths separated by commas beside those of the option. `none` among
 * them takes the defaults out.
 *
 * @throws ObservabilityError `bad_redact`, naming the path.
 */
export function resolveRedaction(redact: Redact | undefined, logRedact: string | undefined): Redaction {
  const words = (logRedact ?? '').split(',').flatMap((word) => (word.trim() === '' ? [] : [word.trim()]));
  if (words.length === 0) return redact === undefined ? defaultRedaction() : new Redaction(redact);
  const { paths = [], defaults = redact !== false, censor } = optionsOf(redact ?? []);
  return new Redaction({
    paths: [...paths, ...words.filter((word) => word !== 'none')],
    defaults: defaults && !words.includes('none'),
    ...(censor && { censor }),
  });
}

let shared: Redaction | undefined;

/** The obvious secrets and nothing else. */
export function defaultRedaction(): Redaction {
  return (shared ??= new Redaction());
}

let none: Redaction | undefined;

/** Finds nothing. */
export function noRedaction(): Redaction {
  return (none ??= new Redaction(false));
}

function optionsOf(redact: Redact): RedactOptions {
  if (redact === false) return {};
  return Array.isArray(redact) ? { paths: redact as readonly string[] } : (redact as RedactOptions);
}

/** `a.b`, and as pino has it `a["b-c"]`, `a[*].b`. */
function segmentsOf(path: unknown): string[] {
  if (typeof path !== 'string')
    throw bad(String(path), `is ${typeof path === 'object' ? 'an' : 'a'} ${typeof path}`);
  const segments = path
    .replaceAll(/\[(?:"([^"]*)"|'([^']*)'|(\*|\d+))\]/g, '.$1$2$3')
    .replace(/^\./, '')
    .split('.')
    .map((segment) => segment.trim());
  const empty = segments.indexOf('');
  if (empty >= 0) throw bad(path, `its name ${empty + 1} is empty`);
  return segments;
}

const bad = (path: string, what: string) =>
  new ObservabilityError(
    'bad_redact',
    `Bad redaction path "${path}": ${what}. Write a name such as password, or a path such as user.*.token or **.card.`,
  );

const node = (stays: boolean): PathNode => ({ keys: new Map(), stays, ends: false });

function grow(from: PathNode, segment: string): PathNode {
  if (segment === '*') return (from.any ??= node(false));
  if (segment === '**') return (from.deep ??= node(true));
  const name = normal(segment);
  let to = from.keys.get(name);
  if (!to) from.keys.set(name, (to = node(false)));
  return to;
}

/** `**` may stand for no key at all: whoever gets here is behind it too. */
function reach(list: PathNode[], at: PathNode): PathNode[] {
  if (!list.includes(at)) {
    list.push(at);
    if (at.deep) reach(list, at.deep);
  }
  return list;
}

const normal = (name: string): string => name.toLowerCase().replaceAll(/[-_\s]/g, '');
