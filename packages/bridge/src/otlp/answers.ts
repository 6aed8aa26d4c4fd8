import { WireWriter, type Outcome, type Signal } from '@unhinged/events/otlp';

const REJECTED_FIELD: Readonly<Record<Signal, string>> = {
  traces: 'rejectedSpans',
  metrics: 'rejectedDataPoints',
  logs: 'rejectedLogRecords',
};

/** Export…ServiceResponse in protobuf, the same for the three signals: empty, or partial_success { rejected, error_message }. */
export function exportResponse({ rejected, message }: Outcome): Uint8Array {
  const writer = new WireWriter();
  if (rejected > 0) {
    writer.message(1, () => {
      writer.uint(1, rejected).string(2, message);
    });
  }
  return writer.take();
}

/** The same in OTLP JSON, where 64-bit integers are strings. */
export function exportResponseJson(signal: Signal, { rejected, message }: Outcome): string {
  if (rejected === 0) return '{}';
  return JSON.stringify({
    partialSuccess: { [REJECTED_FIELD[signal]]: String(rejected), errorMessage: message },
  });
}

/** What a client is told about a request that was refused: google.rpc.Status, with google.rpc.RetryInfo when it may retry. */
export interface RpcStatus {
  /** gRPC code. */
  grpc: number;
  message: string;
  retryAfter: number | undefined;
}

const RETRY_INFO = 'type.googleapis.com/google.rpc.RetryInfo';

export function rpcStatus({ grpc, message, retryAfter }: RpcStatus): Uint8Array {
  const writer = new WireWriter();
  writer.uint(1, grpc).string(2, message);
  if (retryAfter !== undefined) {
    // details: Any { type_url, value: RetryInfo { retry_delay: Duration { seconds } } }
    writer.message(3, () => {
      writer.string(1, RETRY_INFO).message(2, () => {
        writer.message(1, () => {
          writer.uint(1, retryAfter);
        });
      });
    });
  }
  return writer.take();
}

export function rpcStatusJson({ grpc, message, retryAfter }: RpcStatus): string {
  const details =
    retryAfter === undefined ? {} : { details: [{ '@type': RETRY_INFO, retryDelay: `${retryAfter}s` }] };
  return JSON.stringify({ code: grpc, message, ...details });
}
