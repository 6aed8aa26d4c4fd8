import type { SignalCounts } from '../stats.js';
import { warnOnce } from '../warn.js';
import { Circuit } from './circuit.js';
import type { Encoded } from './encode/split.js';
import type { Transport } from './transport/transport.js';

export interface DeliveryParts {
  transport: Transport;
  /** Halves a request that is too large; undefined when it cannot be. */
  split: (body: Uint8Array) => [Encoded, Encoded] | undefined;
  counts: SignalCounts;
  /** For warnings: 'spans', 'log records', 'metric points'. */
  what: string;
  random?: () => number;
}

/** Hands requests to the collector until it has taken or refused them, and counts what became of their records. */
export class Delivery {
  /** Attempts after which a request had to wait, ever. */
  failures = 0;
  /** Called after each of them. */
  readonly onFailure = new Set<() => void>();
  private readonly circuit: Circuit;
  private stopped = false;
  private readonly said = new Set<string>();

  constructor(private readonly parts: DeliveryParts) {
    this.circuit = new Circuit(parts.random);
  }

  /** Resolves with how many of its records have no outcome: 0, or those that {@link stop} left over. The others are counted. */
  async deliver(request: Encoded): Promise<number> {
    const { transport, split, counts } = this.parts;
    for (;;) {
      const pass = await this.circuit.enter();
      if (pass === undefined || this.stopped) return request.count;
      const answer = await transport.send(request.body);
      if (answer.outcome === 'retry') {
        this.say(answer.outcome, `wait for the collector, which is away or busy: ${answer.message}`);
        this.circuit.failed(pass, answer.afterMs);
        this.failures += 1;
        for (const listener of this.onFailure) listener();
        continue;
      }
      this.circuit.passed(pass);
      switch (answer.outcome) {
        case 'accepted': {
          const rejected = Math.min(answer.rejected, request.count);
          counts.exported += request.count - rejected;
          if (rejected > 0) counts.drop('rejected', rejected);
          if (rejected > 0) this.say('partial', `were refused in part: ${answer.message}`);
          else if (answer.message !== '') this.say('remark', `were taken with a remark: ${answer.message}`);
          return 0;
        }
        case 'refused':
          counts.drop('rejected', request.count);
          this.say(answer.outcome, `were refused for good: ${answer.message}`);
          return 0;
        case 'too_large': {
          const halves = split(request.body);
          if (halves === undefined) {
            counts.drop('too_large', request.count);
            this.say(answer.outcome, `are larger, one alone, than the collector takes: ${answer.message}`);
            return 0;
          }
          const [first, second] = halves;
          const left = await this.deliver(first);
          return left > 0 ? left + second.count : this.deliver(second);
        }
      }
    }
  }

  /** True while the collector is thought to be away. */
  get away(): boolean {
    return this.circuit.open;
  }

  nudge(): void {
    this.circuit.nudge();
  }

  disconnect(): void {
    this.parts.transport.disconnect();
  }

  /** What has no outcome yet gets none any more. */
  stop(): void {
    this.stopped = true;
    this.circuit.stop();
    this.disconnect();
  }

  /** The first of each kind. */
  private say(kind: string, message: string): void {
    if (this.said.has(kind)) return;
    this.said.add(kind);
    warnOnce(`${this.parts.what} ${message}; see stats()`);
  }
}
