import type { ServiceType } from '../config/options.js';

export type SamplingReason = 'rate' | 'error' | 'latency' | 'operation' | 'budget' | 'retroactive';

export interface SamplingPolicy {
  readonly base: Readonly<Record<ServiceType, number>>;
  readonly operations: Readonly<Record<string, number>>;
}

export interface SegmentFacts {
  traceId: string;
  traceState?: string;
  error: boolean;
  durationMs: number;
  operation?: string;
  retained: boolean;
  epochMs: number;
}

export interface SamplingDecision {
  keep: boolean;
  reason: SamplingReason;
  traceState: string;
  adjustedCount: number;
}

export const defaultSampling: SamplingPolicy = {
  base: { frontend: 0.01, gateway: 0.1, backend: 0.2, critical: 0.8 },
  operations: { userAction: 0.05, websocket: 0.2, business: 0.5, auth: 1, pay: 1 },
};

export class SamplingEngine {
  private policy: SamplingPolicy;
  private readonly serviceType: ServiceType;

  constructor(options: { policy: SamplingPolicy; serviceType: ServiceType }) {
    this.policy = options.policy;
    this.serviceType = options.serviceType;
  }

  setPolicy(policy: SamplingPolicy): void {
    this.policy = policy;
  }

  decide(segment: SegmentFacts): SamplingDecision {
    if (segment.error) return decision(segment, true, 'error', 1);
    if (segment.retained) return decision(segment, true, 'retroactive', 1);
    const base = this.policy.base[this.serviceType];
    const operation = segment.operation === undefined ? 0 : (this.policy.operations[segment.operation] ?? 0);
    const rate = Math.max(base, operation);
    const keep = randomness(segment.traceId, segment.traceState) >= threshold(rate);
    return decision(segment, keep, operation > base ? 'operation' : 'rate', rate);
  }
}

function decision(
  segment: SegmentFacts,
  keep: boolean,
  reason: SamplingReason,
  rate: number,
): SamplingDecision {
  const others = (segment.traceState ?? '').split(',').filter((member) => member !== '');
  const ot =
    others
      .find((member) => member.trim().startsWith('ot='))
      ?.trim()
      .slice(3) ?? '';
  const fields = ot.split(';').filter((field) => field !== '' && !field.startsWith('th:'));
  if (keep) fields.unshift(`th:${threshold(rate).replace(/0+$/, '') || '0'}`);
  const rest = others.filter((member) => !member.trim().startsWith('ot='));
  const traceState = [...(fields.length > 0 ? [`ot=${fields.join(';')}`] : []), ...rest].join(',');
  return { keep, reason, traceState, adjustedCount: keep ? 1 / rate : 0 };
}

const thresholds = new Map<number, string>();
function threshold(rate: number): string {
  let text = thresholds.get(rate);
  if (text === undefined) {
    text =
      rate <= 0
        ? 'g'
        : BigInt(Math.round((1 - rate) * 2 ** 56))
            .toString(16)
            .padStart(14, '0');
    thresholds.set(rate, text);
  }
  return text;
}

function randomness(traceId: string, traceState: string | undefined): string {
  const rv =
    traceState === undefined ? undefined : /(?:^|,)\s*ot=[^,]*\brv:([0-9a-f]{14})/.exec(traceState)?.[1];
  return rv ?? traceId.slice(18);
}
