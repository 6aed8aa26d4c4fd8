import { adjustedCountOf, parseThreshold } from './threshold.js';

/** What OpenTelemetry's member of a trace state says: `ot=th:…;rv:…`. */
export interface OtelState {
  /** Threshold, hex digits; see `parseThreshold`. */
  th?: string;
  /** Randomness in place of the trace id's: 14 hex digits. */
  rv?: string;
}

/** W3C Trace Context: a list of at most 32 members. */
const MOST_MEMBERS = 32;
/** Of one value of a member. */
const MOST_VALUE = 256;
/** Of the whole list: no more than this has to be propagated, and OpenTelemetry's parsers drop a longer one altogether. */
const MOST_CHARACTERS = 512;
/** Members longer than this go first when the list is too long. */
const LONG_MEMBER = 128;
const OTEL = 'ot';
/**
 * Our own member. `k:1`: an error has been seen in this trace, keep your part of it (decision 0005). `c:0`: a span that was kept after it
 * had been left out. It counts for nothing, for its like that passed the rate have been counted for it; no threshold can say that, as
 * a span without one is of unknown probability.
 */
const OURS = 'unhinged';
const RV = /^[0-9a-f]{14}$/;
const TH = /^[0-9a-f]{1,14}$/;
/** Fields without which the others say nothing. */
const NEEDED = /^(th|rv|k|c):/;

/** Reads the `ot` member; what is malformed counts as absent. */
export function readOtelState(traceState: string | undefined): OtelState {
  const state: OtelState = {};
  if (!traceState?.includes('ot=')) return state;
  for (const field of fieldsOf(membersOf(traceState), OTEL) ?? []) {
    if (field.startsWith('th:') && TH.test(field.slice(3))) state.th = field.slice(3);
    else if (field.startsWith('rv:') && RV.test(field.slice(3))) state.rv = field.slice(3);
  }
  return state;
}

/**
 * How many spans the bearer of this trace state stands for: 2^56 / (2^56 − T); 0 when others have been counted for it; undefined when
 * nothing is known: nothing was sampled, or by someone who does not say.
 */
export function adjustedCountIn(traceState: string | undefined): number | undefined {
  if (traceState === undefined || traceState === '') return undefined;
  if (fieldsOf(membersOf(traceState), OURS)?.includes('c:0') === true) return 0;
  const { th } = readOtelState(traceState);
  const threshold = th === undefined ? undefined : parseThreshold(th);
  const count = threshold === undefined ? Infinity : adjustedCountOf(threshold);
  return Number.isFinite(count) ? count : undefined;
}

/**
 * The trace state with this threshold, or without one; other members and other fields of `ot` stay as they are, in the order that
 * W3C asks for: what was changed comes first.
 */
export function withThreshold(traceState: string | undefined, th: string | undefined): string {
  if (traceState === undefined || traceState === '') return th === undefined ? '' : `ot=th:${th}`;
  const members = withField(membersOf(traceState), OURS, 'c', undefined);
  return bounded(withField(members, OTEL, 'th', th));
}

/** The trace state of a span that others have been counted for: `unhinged=c:0`, and no threshold. */
export function withoutCount(traceState: string | undefined): string {
  const members = withField(membersOf(traceState ?? ''), OTEL, 'th', undefined);
  return bounded(withField(members, OURS, 'c', '0'));
}

/**
 * The trace state for calls made after an error was seen: `unhinged=k:1`. `ot=th:0` beside it, because that is the threshold errors are
 * kept with: a sampler further down that goes by the parent's threshold counts such a trace once.
 */
export function withKeepMark(traceState: string | undefined): string {
  const members = withField(membersOf(traceState ?? ''), OTEL, 'th', '0');
  return bounded(withField(members, OURS, 'k', '1'));
}

/** `unhinged=k:1`; further fields may follow, as in the `ot` member. */
export function hasKeepMark(traceState: string | undefined): boolean {
  if (!traceState?.includes(OURS)) return false;
  return fieldsOf(membersOf(traceState), OURS)?.includes('k:1') === true;
}

function membersOf(traceState: string): string[] {
  return traceState
    .split(',')
    .map((member) => member.trim())
    .filter((member) => member !== '');
}

function fieldsOf(members: readonly string[], name: string): string[] | undefined {
  const member = members.find((each) => each.startsWith(`${name}=`));
  return member?.slice(name.length + 1).split(';');
}

/** The members with this field of one of them set, or removed; that member comes first. */
function withField(
  members: readonly string[],
  name: string,
  key: string,
  value: string | undefined,
): readonly string[] {
  const before = fieldsOf(members, name);
  if (before === undefined && value === undefined) return members;
  const fields = (before ?? []).filter((field) => field !== '' && !field.startsWith(`${key}:`));
  if (value !== undefined) fields.unshift(`${key}:${value}`);
  let text = fields.join(';');
  // A value that would grow too long keeps what sampling needs.
  if (text.length > MOST_VALUE) text = fields.filter((field) => NEEDED.test(field)).join(';');
  const rest = members.filter((member) => !member.startsWith(`${name}=`));
  return text === '' ? rest : [`${name}=${text}`, ...rest];
}

/** Within the limits of W3C Trace Context ("tracestate Limits"): long members go first, then the last ones; ours stay. */
function bounded(members: readonly string[]): string {
  let kept = members.slice(0, MOST_MEMBERS);
  const isTooLong = () => kept.join(',').length > MOST_CHARACTERS;
  if (isTooLong()) kept = kept.filter((member) => isOurs(member) || member.length <= LONG_MEMBER);
  while (isTooLong()) kept.pop();
  return kept.join(',');
}

const isOurs = (member: string): boolean => member.startsWith(`${OTEL}=`) || member.startsWith(`${OURS}=`);
