import { deadline, ObservabilityError } from '@unhinged/observability-core';
import type { AlertTransition } from '../alert.js';
import { Lane, type Attempt, type DropReason, type LaneOptions } from './lane.js';
import { webhookPayload } from './payload.js';

export interface WebhookOptions {
  /** http or https. Every alert goes to each. */
  urls: readonly string[];
  /** Milliseconds for one call. Default 5,000. */
  timeoutMs?: number;
  /** Milliseconds for which an alert is tried again. Default 600,000: older news of an alert helps nobody. */
  giveUpMs?: number;
  /** Alerts that wait for one URL at most; more are dropped and counted. Default 1,000. */
  maxQueued?: number;
  /** Milliseconds of the first pause between tries; doubles up to `lastRetryMs`, each pause a random part of it. Default 500. */
  firstRetryMs?: number;
  /** Default 30,000. */
  lastRetryMs?: number;
  /** Where alerts can be looked at, for `externalURL` and `generatorURL`. Default none. */
  consoleUrl?: string;
}

/** Alerts of one URL since the start. */
export interface WebhookStats {
  delivered: number;
  retries: number;
  queued: number;
  dropped: Partial<Record<DropReason, number>>;
  /** Why the last try failed; null after one that did not. */
  lastError: string | null;
}

export interface WebhookNotifier {
  /** Queues an alert. Never throws, never waits. `pending`, and `resolved` of what never fired, are not sent. */
  notify: (alert: AlertTransition) => void;
  /** Alerts that some URL has not been told of yet, oldest first: what a restart should send again. */
  waiting: () => AlertTransition[];
  /** By URL. */
  stats: () => Record<string, WebhookStats>;
  /**
   * Lets the queues empty for up to `graceMs` (default 2,000), then drops what is left and counts it. Resolves with what some URL
   * was not told of, oldest first.
   */
  close: (graceMs?: number) => Promise<AlertTransition[]>;
}

/**
 * Tells webhooks of alerts that fire and that are resolved: POST with the JSON body of Alertmanager's webhook, version 4, one alert
 * a call, in order. 2xx is delivered; 408, 429, 5xx and no answer are tried again with growing pauses; any other answer is
 * final.
 *
 * @throws ObservabilityError `bad_option` for a URL that is none.
 */
export function webhookNotifier(options: WebhookOptions): WebhookNotifier {
  const { urls, timeoutMs = 5_000 } = options;
  const resolved: LaneOptions = {
    timeoutMs,
    giveUpMs: options.giveUpMs ?? 600_000,
    maxQueued: options.maxQueued ?? 1_000,
    firstRetryMs: options.firstRetryMs ?? 500,
    lastRetryMs: options.lastRetryMs ?? 30_000,
    consoleUrl: options.consoleUrl ?? '',
    now: Date.now,
    random: Math.random,
  };
  const post = (url: string, alert: AlertTransition, signal: AbortSignal) =>
    postAlert(url, JSON.stringify(webhookPayload(alert, resolved.consoleUrl)), timeoutMs, signal);
  const lanes = [...new Set(urls.map(checkedUrl))].map((url) => new Lane(url, resolved, post));
  return {
    notify: (alert) => {
      if (alert.state === 'pending' || (alert.state === 'resolved' && alert.from !== 'firing')) return;
      for (const lane of lanes) lane.push(alert);
    },
    waiting: () => distinct(lanes.map((lane) => lane.waiting)),
    stats: () => Object.fromEntries(lanes.map((lane) => [lane.url, lane.stats])),
    close: async (graceMs = 2_000) => distinct(await Promise.all(lanes.map((lane) => lane.close(graceMs)))),
  };
}

const distinct = (lists: AlertTransition[][]): AlertTransition[] =>
  [...new Set(lists.flat())].sort((a, b) => a.atMs - b.atMs);

async function postAlert(
  url: string,
  body: string,
  timeoutMs: number,
  stopped: AbortSignal,
): Promise<Attempt> {
  const { signal, done } = deadline(timeoutMs, stopped);
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'user-agent': 'unhinged-observability' },
      body,
      // A webhook that moves is a mistake to be told of, not to be followed to wherever it points.
      redirect: 'manual',
      signal,
    });
    // An unread body would hold the connection.
    await response.body?.cancel();
    const { status } = response;
    if (status >= 200 && status < 300) return { kind: 'delivered' };
    if (status !== 408 && status !== 429 && status < 500) {
      return { kind: 'refused', reason: `${url} answered ${status}; this is not tried again` };
    }
    return { kind: 'failed', reason: `${url} answered ${status}`, waitMs: retryAfterMs(response) };
  } catch (error) {
    return { kind: 'failed', reason: `${url}: ${reasonOf(error)}` };
  } finally {
    done();
  }
}

const MAX_RETRY_AFTER_MS = 300_000;

/** Seconds as in `Retry-After: 5`; dates are rare enough to be left to the pauses. */
function retryAfterMs(response: Response): number {
  const seconds = Number(response.headers.get('retry-after') ?? 0);
  return Number.isFinite(seconds) && seconds > 0 ? Math.min(seconds * 1000, MAX_RETRY_AFTER_MS) : 0;
}

/** What fetch says is only "fetch failed"; why is in its cause. Not by `instanceof`: fetch may be of another realm. */
function reasonOf(error: unknown): string {
  const { message, cause } = error as { message?: string; cause?: { message?: string } };
  return [cause?.message, message].find((text) => text !== undefined && text !== '') ?? String(error);
}

function checkedUrl(url: string): string {
  if (/^https?:\/\//i.test(url) && URL.canParse(url)) return url;
  throw new ObservabilityError(
    'bad_option',
    `Bad webhook URL: expected one that starts with http:// or https://, got ${JSON.stringify(url)}.`,
  );
}
