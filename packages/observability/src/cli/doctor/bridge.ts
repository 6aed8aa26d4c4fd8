import type { StatusResponse } from '@unhinged/observability-core';
import { messageOf } from '../failure.js';
import { describeTaken, PORT_USE, takenPorts, type Ports } from '../ports/ports.js';
import type { Finding } from './finding.js';
import { exportOverGrpc, exportOverHttp, probeSpan, type ProbeSpan } from './otlp-probe.js';

/** How long an exported span may take to the console. */
const SEEN_MS = 5_000;
const USES = Object.keys(PORT_USE) as (keyof Ports)[];

/** What holds each port, and whether a bridge there does its work: a span goes in at both doors and comes out at the console. */
export async function checkBridge(host: string, ports: Ports): Promise<Finding[]> {
  const taken = await takenPorts(host, ports);
  const at = host.includes(':') ? `[${host}]` : host;
  const status = await statusOf(`http://${at}:${ports.console}`);
  if (status === undefined) {
    const findings = USES.map((use): Finding => {
      const found = taken.find((port) => port.use === use);
      return found
        ? {
            check: `port ${ports[use]}`,
            status: 'fail',
            message: describeTaken(found),
            fix: 'Stop it, or run `unhinged up --port-offset 1000`.',
          }
        : {
            check: `port ${ports[use]}`,
            status: 'ok',
            message: `Port ${ports[use]}, for ${PORT_USE[use]}, is free.`,
          };
    });
    return [
      ...findings,
      {
        check: 'bridge',
        status: 'info',
        message: 'Not running on these ports: start it with `unhinged up`.',
      },
    ];
  }
  const owner = taken.find(({ use }) => use === 'console')?.owner;
  const by = owner ? ` as process ${owner.pid}` : '';
  return [
    { check: 'bridge', status: 'ok', message: `Version ${status.version} runs${by} on ${status.dataDir}.` },
    await roundTrip('otlp-http', ports, (span) => exportOverHttp(`http://${at}:${ports.http}`, span), at),
    await roundTrip('otlp-grpc', ports, (span) => exportOverGrpc(`http://${at}:${ports.grpc}`, span), at),
    await prometheus(`http://${at}:${ports.prometheus}/metrics`),
  ];
}

async function statusOf(console: string): Promise<StatusResponse | undefined> {
  try {
    const response = await fetch(`${console}/api/status`, { signal: AbortSignal.timeout(3_000) });
    const status = (await response.json()) as Partial<StatusResponse>;
    return response.ok && typeof status.dataDir === 'string' ? (status as StatusResponse) : undefined;
  } catch {
    return undefined;
  }
}

async function roundTrip(
  check: 'otlp-http' | 'otlp-grpc',
  ports: Ports,
  send: (span: ProbeSpan) => Promise<void>,
  host: string,
): Promise<Finding> {
  const port = check === 'otlp-http' ? ports.http : ports.grpc;
  const span = probeSpan();
  const started = performance.now();
  try {
    await send(span);
  } catch (error) {
    return {
      check,
      status: 'fail',
      message: `Port ${port} did not take a span: ${messageOf(error)}`,
      fix: 'Is another program on this port? `unhinged up` shows its addresses.',
    };
  }
  const accepted = performance.now() - started;
  const url = `http://${host}:${ports.console}/api/traces/${span.traceId}`;
  while (performance.now() - started < SEEN_MS) {
    const response = await fetch(url).catch(() => undefined);
    await response?.body?.cancel();
    if (response?.ok) {
      const seen = performance.now() - started;
      return {
        check,
        status: 'ok',
        message: `A span was accepted in ${accepted.toFixed(0)} ms and seen by the console after ${seen.toFixed(0)} ms.`,
      };
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return {
    check,
    status: 'fail',
    message: `Port ${port} accepted a span, but the console did not show it within ${SEEN_MS / 1_000} s.`,
    fix: 'Look at the counters of /api/status; a full disk or an overloaded machine is the usual reason.',
  };
}

async function prometheus(url: string): Promise<Finding> {
  const check = 'prometheus';
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(3_000) });
    const lines = (await response.text())
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#')).length;
    if (!response.ok) throw new Error(`HTTP ${response.status}`);
    return { check, status: 'ok', message: `${url} has ${lines} series.` };
  } catch (error) {
    return { check, status: 'fail', message: `${url}: ${messageOf(error)}`, fix: 'Restart `unhinged up`.' };
  }
}
