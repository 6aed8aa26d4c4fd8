import { types } from 'node:util';
import { trace, type Span } from '@opentelemetry/api';
import {
  InstrumentationBase,
  InstrumentationNodeModuleDefinition,
  type InstrumentationConfig,
} from '@opentelemetry/instrumentation';
import type { Keeps } from './keep-hooks.js';
import { KEEP_NOTICE, noticedTraceIds } from './keep-notices.js';
import { asksToKeep, keepTrailer, TRACERESPONSE } from './traceresponse.js';

// What is used of `@grpc/grpc-js`, which an application brings along.
interface Metadata {
  get(key: string): (string | Buffer)[];
  set(key: string, value: string): void;
}
interface Responder {
  start(
    next: (listener: {
      onReceiveMetadata(metadata: Metadata, go: (metadata: Metadata) => void): void;
    }) => void,
  ): void;
  sendStatus(status: { metadata?: Metadata | null }, go: (status: object) => void): void;
}
type Interceptor = (method: object, call: object) => object;
interface GrpcModule {
  Metadata: new () => Metadata;
  ServerInterceptingCall: new (call: object, responder: Responder) => object;
  Server: { prototype: { register: Register } };
  Channel: { prototype: { createCall: CreateCall } };
}
/** `interceptors`: no part of the types, but there is no other way to give a server one after it was made. */
type Register = (this: { interceptors?: unknown }, ...args: unknown[]) => unknown;
type CreateCall = (this: unknown, ...args: unknown[]) => ChannelCall;
interface ChannelCall {
  start(metadata: Metadata, listener: { onReceiveStatus(status: { metadata: Metadata }): void }): void;
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
    const { register } = prototype;
    const interceptor: Interceptor = (_method, call) => this.intercept(grpc, call);
    const isEnabled = () => this.isEnabled();
    prototype.register = function (...args) {
      const { interceptors } = this;
      if (isEnabled() && Array.isArray(interceptors) && !interceptors.includes(interceptor)) {
        this.interceptors = [...(interceptors as unknown[]), interceptor];
      }
      return register.apply(this, args);
    };
  }

  private intercept(grpc: GrpcModule, call: object): object {
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
    const { prototype } = grpc.Channel;
    const { createCall } = prototype;
    const observe = (call: ChannelCall) => {
      const span = this.isEnabled() ? trace.getActiveSpan() : undefined;
      if (span !== undefined) this.observe(call, span);
    };
    prototype.createCall = function (...args) {
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
function followNamespace(loaded: object): void {
  const names = loaded as Readonly<Partial<Record<string, unknown>>>;
  const { default: whole } = names;
  if (!types.isProxy(loaded) || typeof whole !== 'object' || whole === null) return;
  for (const name of ['makeGenericClientConstructor', 'makeClientConstructor', 'loadPackageDefinition']) {
    if (Object.getOwnPropertyDescriptor(whole, name)?.configurable !== true) continue;
    Object.defineProperty(whole, name, { configurable: true, enumerable: true, get: () => names[name] });
  }
}

function first(metadata: Metadata, key: string): string | undefined {
  const [value] = metadata.get(key);
  return value?.toString();
}

function traceIdOf(traceparent: string | undefined): string | undefined {
  return /^[0-9a-f]{2}-([0-9a-f]{32})-/.exec(traceparent ?? '')?.[1];
}
