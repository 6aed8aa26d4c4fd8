import type { Journal } from '@unhinged/events/journal';
import type { Counters } from './counters.js';
import { Decider } from './decide/decider.js';
import { Intake } from './intake.js';
import type { BridgePorts, ResolvedOptions } from './options.js';
import { Admission } from './receive/admission.js';
import { startGrpcReceiver } from './receive/grpc.js';
import { startHttpReceiver } from './receive/http.js';
import { countJournal } from './sink/journal-sink.js';
import { startMetricsServer } from './sink/metrics-server.js';
import { PrometheusSink } from './sink/prometheus-sink.js';
import { startOrStop } from './stop-stack.js';

const STALE_AFTER_MS = 5 * 60_000;

/** How much larger than the largest request its events may be. */
const EVENT_BYTES_PER_REQUEST_BYTE = 4;

/** The part of the bridge in front of the journal. */
export interface Ingest {
  ports: Omit<BridgePorts, 'console'>;
  /** Waits for what was accepted so far to be in the journal. */
  drain(): Promise<void>;
  /** Finishes the requests under way, then closes the servers. */
  stop(): Promise<void>;
}

/** Receive → decide → sink: OTLP over gRPC and HTTP into the journal, and the Prometheus exposition. */
export function startIngest(
  journal: Journal,
  counters: Counters,
  { host, ports, corsOrigins, limits }: Pick<ResolvedOptions, 'host' | 'ports' | 'corsOrigins' | 'limits'>,
): Promise<Ingest> {
  countJournal(journal, counters);
  return startOrStop(async (started) => {
    const { prometheusSeries: maxSeries, requestBytes: maxRequestBytes, requestTimeoutMs } = limits;
    const prometheus = new PrometheusSink(counters, {
      maxSeries,
      staleAfterMs: STALE_AFTER_MS,
      now: Date.now,
    });
    const metrics = await startMetricsServer({ host, port: ports.prometheus, sink: prometheus, counters });
    started.add(() => metrics.stop());

    const intake = new Intake({
      decider: new Decider(counters, { maxEventBytes: EVENT_BYTES_PER_REQUEST_BYTE * maxRequestBytes }),
      journal,
      prometheus,
      counters,
    });
    started.add(() => intake.stop());
    const admission = new Admission(limits.inFlightBytes, counters);
    const { accept } = intake;
    const common = { host, maxRequestBytes, accept, admission, counters };
    const grpc = await startGrpcReceiver({ ...common, port: ports.grpc });
    started.add(() => grpc.stop());
    const http = await startHttpReceiver({ ...common, port: ports.http, corsOrigins, requestTimeoutMs });
    started.add(() => http.stop());

    return {
      ports: { grpc: grpc.port, http: http.port, prometheus: metrics.port },
      drain: () => intake.drain(),
      stop: () => started.stop(),
    };
  });
}
