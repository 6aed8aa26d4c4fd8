import { ObservabilityError } from './errors.js';
import {
  DEFAULT_REDACTED,
  defaultRedaction,
  KeyRedaction,
  normalKey,
  type Censor,
  type PathState,
} from './key-redaction.js';

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

interface PathNode {
  readonly keys: Map<string, PathNode>;
  any?: PathNode;
  deep?: PathNode;
  /** `**`: stays whatever key comes. */
  readonly stays: boolean;
  ends: boolean;
}

/** Compiled paths and names. */
export class Redaction extends KeyRedaction {
  /** @throws ObservabilityError `bad_redact`, naming the path. */
  constructor(redact: Redact = []) {
    const { paths = [], defaults = redact !== false, censor } = optionsOf(redact);
    const names = new Set(defaults ? DEFAULT_REDACTED.map(normalKey) : []);
    const root = node(false);
    let hasPaths = false;
    for (const path of paths) {
      const segments = segmentsOf(path);
      const [only = ''] = segments;
      if (segments.length === 1 && only !== '*' && only !== '**') {
        names.add(normalKey(only));
      } else {
        hasPaths = true;
        segments.reduce(grow, root).ends = true;
      }
    }
    super(names, hasPaths ? stateOf(reach([], root)) : undefined, censor);
  }
}

const stateOf = (reached: readonly PathNode[]): PathState | undefined =>
  reached.length === 0
    ? undefined
    : { ends: reached.some((each) => each.ends), step: (key) => stateOf(stepped(reached, key)) };

function stepped(from: readonly PathNode[], key: string): readonly PathNode[] {
  let reached = from;
  for (const segment of key.split('.')) {
    const name = normalKey(segment);
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

/**
 * The redaction of a runtime: the option, and LOG_REDACT, which has paths separated by commas beside those of the option. `none` among
 * them takes the defaults out.
 *
 * @throws ObservabilityError `bad_redact`, naming the path.
 */
export function resolveRedaction(redact: Redact | undefined, logRedact: string | undefined): KeyRedaction {
  const words = (logRedact ?? '').split(',').flatMap((word) => (word.trim() === '' ? [] : [word.trim()]));
  if (words.length === 0) return redact === undefined ? defaultRedaction() : new Redaction(redact);
  const { paths = [], defaults = redact !== false, censor } = optionsOf(redact ?? []);
  return new Redaction({
    paths: [...paths, ...words.filter((word) => word !== 'none')],
    defaults: defaults && !words.includes('none'),
    ...(censor && { censor }),
  });
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
  const name = normalKey(segment);
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
