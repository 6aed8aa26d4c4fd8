import { afterEach, beforeEach, jest } from '@jest/globals';
import {
  plain,
  startOtlpReceiver,
  type OtlpReceiver,
  type ReceivedLog,
  type ReceivedSpan,
} from './otlp-receiver.js';
import { eventually, runApp, type App } from './run-app.js';

export const SERVER = 2;
export const CLIENT = 3;
export const ERROR = 2;

/** A fresh receiver for each test of the file, and programs that send to it and are gone afterwards. */
export interface Harness {
  readonly receiver: OtlpReceiver;
  start(fixture: string, env?: Record<string, string>, nodeArguments?: readonly string[]): Promise<App>;
  /** Waits for it. */
  span(name: string, kind: number, service?: string): Promise<ReceivedSpan>;
  log(body: string): Promise<ReceivedLog>;
}

export function useHarness(): Harness {
  // Each test starts real processes, on a machine that may be busy.
  jest.setTimeout(60_000);
  let receiver: OtlpReceiver;
  const apps: App[] = [];
  beforeEach(async () => {
    receiver = await startOtlpReceiver();
  });
  afterEach(async () => {
    for (const app of apps.splice(0)) {
      app.process.kill('SIGKILL');
      await app.ended;
    }
    await receiver.stop();
  });
  return {
    get receiver() {
      return receiver;
    },
    start: async (fixture, env, nodeArguments) => {
      const defaults = {
        OTEL_EXPORTER_OTLP_ENDPOINT: receiver.grpcUrl,
        OTEL_BSP_SCHEDULE_DELAY: '50',
        OTEL_BLRP_SCHEDULE_DELAY: '50',
      };
      const app = await runApp(fixture, { ...defaults, ...env }, nodeArguments);
      apps.push(app);
      return app;
    },
    span: (name, kind, service) =>
      eventually(`span '${name}' of kind ${kind.toString()} of ${service ?? 'any service'}`, () =>
        receiver.spans.find(
          (span) =>
            span.name === name &&
            span.kind === kind &&
            (service === undefined || span.resource['service.name'] === service),
        ),
      ),
    log: (body) =>
      eventually(`log record '${body}'`, () => receiver.logs.find((record) => plain(record.body) === body)),
  };
}
