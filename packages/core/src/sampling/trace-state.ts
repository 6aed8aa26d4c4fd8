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
const RV = /^[0-9a-f]{14}$/;
const TH = /^[0-9a-f]{1,14}$/;

/** Reads the `ot` member; what is malformed counts as absent. */
export function readOtelState(traceState: string | undefined): OtelState {
  const state: OtelState = {};
  if (!traceState?.includes('ot=')) return state;
  for (const field of otelFields(traceState.split(','))) {
    if (field.startsWith('th:') && TH.test(field.slice(3))) state.th = field.slice(3);
    else if (field.startsWith('rv:') && RV.test(field.slice(3))) state.rv = field.slice(3);
  }
  return state;
}

/**
 * The trace state with this threshold, or without one; other members and other fields of `ot` stay as they are, in the order that
 * W3C asks for: what was changed comes first.
 */
export function withThreshold(traceState: string | undefined, th: string | undefined): string {
  if (traceState === undefined || traceState === '') return th === undefined ? '' : `ot=th:${th}`;
  const members = traceState
    .split(',')
    .map((member) => member.trim())
    .filter((member) => member !== '');
  const fields = otelFields(members).filter((field) => field !== '' && !field.startsWith('th:'));
  if (th !== undefined) fields.unshift(`th:${th}`);
  let value = fields.join(';');
  // A value that would grow too long keeps what sampling needs.
  if (value.length > MOST_VALUE) value = fields.filter((field) => /^(th|rv):/.test(field)).join(';');
  const rest = members.filter((member) => !isOtel(member));
  return [...(value === '' ? [] : [`ot=${value}`]), ...rest].slice(0, MOST_MEMBERS).join(',');
}

const isOtel = (member: string): boolean => member.trimStart().startsWith('ot=');

function otelFields(members: readonly string[]): string[] {
  const member = members.find(isOtel);
  return member === undefined ? [] : member.trim().slice(3).split(';');
}
