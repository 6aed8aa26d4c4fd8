import type { TraceState } from '@opentelemetry/api';

/** W3C Trace Context: a list of at most 32 members. */
const MAX_MEMBERS = 32;

/** As OpenTelemetry's, for a third of its size; what has not the form of a member is left out. */
class Members implements TraceState {
  constructor(private readonly members: readonly string[]) {}

  get(key: string): string | undefined {
    return this.members.find((member) => member.startsWith(`${key}=`))?.slice(key.length + 1);
  }

  /** What was changed comes first. */
  set(key: string, value: string): TraceState {
    return new Members([`${key}=${value}`, ...this.unset(key).members].slice(0, MAX_MEMBERS));
  }

  unset(key: string): Members {
    return new Members(this.members.filter((member) => !member.startsWith(`${key}=`)));
  }

  serialize(): string {
    return this.members.join(',');
  }
}

/** The value of a `tracestate` header. */
export const traceStateOf = (header: string): TraceState =>
  new Members(
    header
      .split(',')
      .map((member) => member.trim())
      .filter((member) => /^[^=]+=[^=]+$/.test(member))
      .slice(0, MAX_MEMBERS),
  );
