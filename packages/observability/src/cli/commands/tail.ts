import { Argument, Command, Option } from 'commander';
import type { LiveMessage, LogView, SpanView, TraceResponse } from '@unhinged/observability-core';
import { messageOf } from '../failure.js';
import { printable } from '../format.js';
import { httpUrl } from '../options.js';
import { serverEvents } from '../sse.js';

interface TailOptions {
  url: string;
  service?: string;
  level?: string;
  json?: boolean;
}

const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'];
const FIRST_RETRY_MS = 250;
const LAST_RETRY_MS = 10_000;
/** Spans that are remembered as printed, oldest forgotten first. */
const MAX_SEEN = 50_000;

export function tailCommand(): Command {
  return new Command('tail')
    .description('Follow log lines or spans as they happen.')
    .addArgument(new Argument('<what>', 'what to follow').choices(['logs', 'spans']))
    .option('--url <url>', 'address of a running console', httpUrl, 'http://127.0.0.1:4319')
    .option('--service <name>', 'only of this service')
    .addOption(new Option('--level <level>', 'log lines of this level and above').choices(LEVELS))
    .option('--json', 'one JSON object a line')
    .addHelpText(
      'after',
      `
Runs until Ctrl-C (exit code 0). When the connection breaks it says so on stderr and connects again.

Examples:
  $ unhinged tail logs --level warn
  $ unhinged tail spans --service gateway --json | jq .name`,
    )
    .action(tail);
}

async function tail(what: 'logs' | 'spans', options: TailOptions): Promise<void> {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => process.exit(0));
  const follower = new Follower(what, options);
  let retryMs = FIRST_RETRY_MS;
  for (;;) {
    try {
      await follower.follow(() => (retryMs = FIRST_RETRY_MS));
      console.error(`${options.url} ended the stream; connecting again.`);
    } catch (error) {
      console.error(`${options.url}: ${messageOf(error)}; trying again in ${retryMs / 1_000} s.`);
    }
    await new Promise((resolve) => setTimeout(resolve, retryMs));
    retryMs = Math.min(retryMs * 2, LAST_RETRY_MS);
  }
}

class Follower {
  readonly #what: 'logs' | 'spans';
  readonly #options: TailOptions;
  readonly #seen = new Set<string>();

  constructor(what: 'logs' | 'spans', options: TailOptions) {
    this.#what = what;
    this.#options = options;
  }

  /** Prints until the stream ends. */
  async follow(onConnected: () => void): Promise<void> {
    const response = await fetch(`${this.#options.url}/api/live`, {
      headers: { accept: 'text/event-stream' },
    });
    if (!response.ok || response.body === null) {
      throw new Error(`answered ${response.status}, which is no console of Unhinged Observability`);
    }
    onConnected();
    for await (const { data } of serverEvents(response.body)) {
      await this.#take(JSON.parse(data) as LiveMessage);
    }
  }

  async #take(message: LiveMessage): Promise<void> {
    switch (message.type) {
      case 'hello':
        console.error(`Following ${this.#what} of ${this.#options.url}.`);
        break;
      case 'gap':
        console.error(`${message.missed} items came faster than they could be sent and are missing here.`);
        break;
      case 'logs':
        if (this.#what === 'logs') for (const log of message.logs) this.#log(log);
        break;
      case 'traces':
        if (this.#what === 'spans') for (const { traceId } of message.traces) await this.#trace(traceId);
        break;
      default:
        break;
    }
  }

  #log(log: LogView): void {
    const { service, level, json } = this.#options;
    if (service !== undefined && log.service !== service) return;
    if (level !== undefined && LEVELS.indexOf(log.level) < LEVELS.indexOf(level)) return;
    console.log(json ? JSON.stringify(log) : logLine(log));
  }

  /** The stream says which traces changed; their new spans are fetched. */
  async #trace(traceId: string): Promise<void> {
    const response = await fetch(`${this.#options.url}/api/traces/${traceId}`);
    // 404: pushed out of the store meanwhile.
    if (!response.ok) return void response.body?.cancel();
    const { spans } = (await response.json()) as TraceResponse;
    for (const span of spans) {
      if (this.#options.service !== undefined && span.service !== this.#options.service) continue;
      if (!this.#isNew(`${traceId}${span.spanId}`)) continue;
      console.log(this.#options.json ? JSON.stringify({ traceId, ...span }) : spanLine(traceId, span));
    }
  }

  #isNew(key: string): boolean {
    if (this.#seen.has(key)) return false;
    this.#seen.add(key);
    if (this.#seen.size > MAX_SEEN) {
      for (const oldest of this.#seen) {
        this.#seen.delete(oldest);
        break;
      }
    }
    return true;
  }
}

const time = (nano: string): string =>
  new Date(Number(BigInt(nano) / 1_000_000n)).toISOString().slice(11, 23);

function logLine(log: LogView): string {
  const error = log.error ? `  ${log.error.type}: ${log.error.message}` : '';
  const attributes = Object.keys(log.attributes).length > 0 ? `  ${JSON.stringify(log.attributes)}` : '';
  const trace = log.traceId === '' ? '' : `  ${log.traceId.slice(0, 8)}`;
  return printable(
    `${time(log.timeNano)} ${log.level.toUpperCase().padEnd(5)} ${log.service}  ${log.message}${error}${attributes}${trace}`,
  );
}

function spanLine(traceId: string, span: SpanView): string {
  const ms = Number(BigInt(span.endNano) - BigInt(span.startNano)) / 1e6;
  const status = span.status === 'error' ? `  ERROR ${span.statusMessage}` : '';
  return printable(
    `${time(span.startNano)} ${traceId.slice(0, 8)} ${span.service}  ${span.name}  ${span.kind}  ${ms.toFixed(1)} ms${status}`,
  );
}
