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

/** Keys of metadata that mean something to a logger. */
export type Role = 'correlationId' | 'requestId' | 'sessionId' | 'userId' | 'category';

const ROLES: readonly string[] = ['correlationId', 'requestId', 'sessionId', 'userId', 'category'];

/** Of a key that was met: what has to be known of it each time. */
export interface KnownKey {
  /** The key as it is written: bounded, without lone surrogates, never `__proto__`. */
  readonly name: string;
  /** Its value is redacted wherever it stands. */
  readonly secret: boolean;
  readonly role: Role | undefined;
  /** For those who write lines: what they made of the key, once for all of them. */
  encoded: object | undefined;
}

/** Where the paths of a redaction are after some keys. */
export interface PathState {
  /** A path ends here. */
  readonly ends: boolean;
  /** One key further; undefined where no path goes on. A key with dots in it, as of a flat attribute, is as many keys. */
  step(key: string): PathState | undefined;
}

const MAX_KNOWN = 1_000;
const MAX_KNOWN_LENGTH = 128;
const MAX_KEY = 1_024;

/** Redaction by names alone, which is all that a browser needs; with paths: `Redaction`. Made once, asked for each key of each line. */
export class KeyRedaction {
  /** Undefined when no path has more than one name: then nobody need keep track of where they are. */
  readonly paths: PathState | undefined;
  readonly censor: Censor | undefined;
  readonly #names: ReadonlySet<string>;
  readonly #known = new Map<string, KnownKey>();

  /** @param names As {@link normalKey} writes them. */
  constructor(names: ReadonlySet<string>, paths?: PathState, censor?: Censor) {
    this.#names = names;
    this.paths = paths;
    this.censor = censor;
  }

  /** Remembers keys, as the same few come with every line. */
  key(key: string): KnownKey {
    return this.#known.get(key) ?? this.#learn(key);
  }

  isSecretName(name: string): boolean {
    return this.#names.has(normalKey(name));
  }

  #learn(key: string): KnownKey {
    // Decoders behind us, that of ts-proto's Struct among them, assign a key called __proto__ and change a prototype.
    const name = key === '__proto__' ? '[__proto__]' : safeText(key, MAX_KEY);
    const secret = this.isSecretName(key.slice(key.lastIndexOf('.') + 1));
    const role = ROLES.includes(key) ? (key as Role) : undefined;
    const known: KnownKey = { name, secret, role, encoded: undefined };
    if (key.length <= MAX_KNOWN_LENGTH) {
      // Keys that are data (ids, say) must not displace the usual ones for good.
      if (this.#known.size >= MAX_KNOWN) this.#known.clear();
      this.#known.set(key, known);
    }
    return known;
  }
}

let shared: KeyRedaction | undefined;

/** The obvious secrets and nothing else. */
export function defaultRedaction(): KeyRedaction {
  return (shared ??= new KeyRedaction(new Set(DEFAULT_REDACTED.map(normalKey))));
}

let none: KeyRedaction | undefined;

/** Finds nothing. */
export function noRedaction(): KeyRedaction {
  return (none ??= new KeyRedaction(new Set()));
}

/** A name as names are compared. */
export function normalKey(name: string): string {
  return name.toLowerCase().replaceAll(/[-_\s]/g, '');
}
