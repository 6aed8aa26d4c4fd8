import { types } from 'node:util';
import { trace, type Span } from '@opentelemetry/api';
import {
  InstrumentationBase,
  InstrumentationNodeModuleDefinition,
  type InstrumentationConfig,
} from '@opentelemetry/instrumentation';
import type * as Grpc from '@grpc/grpc-js';
import type { Keeps } from './keep-hooks.js';
import { KEEP_NOTICE, noticedTraceIds } from './keep-notices.js';
import { asksToKeep, keepTrailer, TRACERESPONSE } from './traceresponse.js';

type GrpcModule = Pick<typeof Grpc, 'Channel' | 'Metadata' | 'Server' | 'ServerInterceptingCall'>;
/** The inside of a channel, of which the types say little. */
interface CallMaker {
  createCall(this: unknown, ...args: unknown[]): ChannelCall;
}
interface ChannelCall {
  start(metadata: Grpc.Metadata, listener: { onReceiveStatus(status: Grpc.StatusObject): void }): void;
}
/** Where a server of grpc-js 1.10 or newer has them; there is no other way to give it one after it was made. */
interface WithInterceptors {
  interceptors?: Grpc.ServerInterceptor[];
}

const PATCHED = Symbol.for('unhinged.observability.grpc_keep');

/**
 * What `addKeepHooks` does for HTTP, for servers and clients of `@grpc/grpc-js`: the trailer `traceresponse` asks the caller to keep a
 * trace, the metadata `unhinged-keep` tells of earlier ones. The stock instrumentation has no hooks, and its unary handlers lose trailers;
 * an interceptor stands outside of it.
 */
export class GrpcKeep extends InstrumentationBase {
  /** A field with a value would be set after the base class has called `init`. */
  declare private keeps: Keeps;

  constructor(keeps: Keeps, config: InstrumentationConfig = {}) {
    super('@unhinged/observability-node/grpc-keep', '1', config);
    this.keeps = keeps;
  }

  protected override init() {
    return new InstrumentationNodeModuleDefinition(
      '@grpc/grpc-js',
      ['>=1.10 <2'],
      (loaded: GrpcModule) => {
        followNamespace(loaded);
        // The same classes come again by `import` after `require`.
        if (Object.hasOwn(loaded.Server.prototype, PATCHED)) return loaded;
        Object.defineProperty(loaded.Server.prototype, PATCHED, { value: true });
        this.patchServer(loaded);
        this.patchClient(loaded);
        return loaded;
      },
      (loaded: GrpcModule) => loaded,
    );
  }

  private patchServer(grpc: GrpcModule): void {
    const { prototype } = grpc.Server;
    // eslint-disable-next-line @typescript-eslint/unbound-method -- called with the server as this, below
    const { register } = prototype;
    const interceptor: Grpc.ServerInterceptor = (_method, call) => this.intercept(grpc, call);
    const isEnabled = () => this.isEnabled();
    prototype.register = function (this: Grpc.Server, ...args: Parameters<typeof register>) {
      const { interceptors } = this as unknown as WithInterceptors;
      if (isEnabled() && Array.isArray(interceptors) && !interceptors.includes(interceptor))
        interceptors.push(interceptor);
      return register.apply(this, args);
    } as typeof register;
  }

  private intercept(
    grpc: GrpcModule,
    call: Grpc.ServerInterceptingCallInterface,
  ): Grpc.ServerInterceptingCall {
    let traceId: string | undefined;
    return new grpc.ServerInterceptingCall(call, {
      start: (next) => {
        next({
          onReceiveMetadata: (metadata, go) => {
            this.safely(() => {
              // A trace without a caller has nobody to tell.
              traceId = traceIdOf(first(metadata, 'traceparent'));
              for (const noticed of noticedTraceIds(first(metadata, KEEP_NOTICE))) this.keeps.keep(noticed);
            });
            go(metadata);
          },
        });
      },
      sendStatus: (status, go) => {
        this.safely(() => {
          if (traceId === undefined || !this.keeps.has(traceId)) return;
          const metadata = status.metadata ?? new grpc.Metadata();
          metadata.set(TRACERESPONSE, keepTrailer(traceId));
          status.metadata = metadata;
        });
        go(status);
      },
    });
  }

  /** Every call of every client, generated or not, is made by its channel, in the context of its span. */
  private patchClient(grpc: GrpcModule): void {
    const { prototype } = grpc.Channel as unknown as { prototype: CallMaker };
    // eslint-disable-next-line @typescript-eslint/unbound-method -- called with the channel as this, below
    const { createCall } = prototype;
    const observe = (call: ChannelCall) => {
      const span = this.isEnabled() ? trace.getActiveSpan() : undefined;
      if (span !== undefined) this.observe(call, span);
    };
    prototype.createCall = function (this: unknown, ...args: unknown[]) {
      const call = createCall.apply(this, args);
      observe(call);
      return call;
    };
  }

  private observe(call: ChannelCall, span: Span): void {
    const start = call.start.bind(call);
    call.start = (metadata, listener) => {
      this.safely(() => {
        const notice = this.keeps.noticeFor(span);
        if (notice !== undefined) metadata.set(KEEP_NOTICE, notice);
      });
      const onReceiveStatus = listener.onReceiveStatus.bind(listener);
      listener.onReceiveStatus = (status) => {
        this.safely(() => {
          const { traceId } = span.spanContext();
          if (asksToKeep(first(status.metadata, TRACERESPONSE), traceId)) this.keeps.keep(traceId);
        });
        onReceiveStatus(status);
      };
      start(metadata, listener);
    };
  }

  private safely(act: () => void): void {
    try {
      act();
    } catch (error) {
      this._diag.error('a kept trace could not be told of', error);
    }
  }
}

/**
 * After `import grpc from '@grpc/grpc-js'` the stock instrumentation has put its functions on the namespace only, and the default export,
 * which nearly everybody imports, would give calls without spans: so it looks them up there.
 */
function followNamespace(loaded: Partial<Record<string, unknown>>): void {
  const { default: whole } = loaded;
  if (!types.isProxy(loaded) || typeof whole !== 'object' || whole === null) return;
  for (const name of ['makeGenericClientConstructor', 'makeClientConstructor', 'loadPackageDefinition']) {
    if (Object.getOwnPropertyDescriptor(whole, name)?.configurable !== true) continue;
    Object.defineProperty(whole, name, { configurable: true, enumerable: true, get: () => loaded[name] });
  }
}

function first(metadata: Grpc.Metadata, key: string): string | undefined {
  const [value] = metadata.get(key);
  return value?.toString();
}

function traceIdOf(traceparent: string | undefined): string | undefined {
  return /^[0-9a-f]{2}-([0-9a-f]{32})-/.exec(traceparent ?? '')?.[1];
}
