import {
  InstrumentationBase,
  InstrumentationNodeModuleDefinition,
  type InstrumentationConfig,
} from '@opentelemetry/instrumentation';
import type { EventEmitter } from 'node:events';
import { clientOptions, serverOptions } from './given-options.js';
import { observeAccepted, observeOpened } from './observe.js';
import type { WebSocketOptions } from './options.js';
import type { UpgradeRequest, WebSocketLike } from './socket-types.js';

interface WsModule {
  WebSocketServer?: EmitterClass;
  Server?: EmitterClass;
  WebSocket?: EmitterClass;
  default?: EmitterClass;
}
type EmitterClass = (abstract new (...args: never[]) => EventEmitter) & { Server?: EmitterClass };

/**
 * The package `ws`, patched when it is loaded. Only the prototypes' `emit` gets something in front, so `import` and `require`, which share
 * the classes, are alike. Takes {@link WebSocketOptions}.
 */
export class WsInstrumentation extends InstrumentationBase<InstrumentationConfig & WebSocketOptions> {
  constructor(config: InstrumentationConfig & WebSocketOptions = {}) {
    super('@unhinged/observability-node/ws', '1', config);
  }

  protected override init() {
    return new InstrumentationNodeModuleDefinition(
      'ws',
      ['>=7 <9'],
      (loaded: WsModule) => {
        const Socket = loaded.WebSocket ?? loaded.default ?? (loaded as unknown as EmitterClass);
        const Server = loaded.WebSocketServer ?? loaded.Server ?? Socket.Server;
        if (Server !== undefined) this.inFront(Server, 'connection', this.onConnection);
        this.inFront(Socket, 'open', this.onOpen);
        return loaded;
      },
      (loaded: WsModule) => loaded,
    );
  }

  private readonly onConnection = (server: object, socket: unknown, request: unknown): void => {
    observeAccepted(
      socket as WebSocketLike,
      request as UpgradeRequest,
      serverOptions.get(server) ?? this.getConfig(),
    );
  };

  private readonly onOpen = (opened: object): void => {
    const socket = opened as WebSocketLike;
    // A server's sockets say that they open, too, but have no address.
    if (typeof socket.url !== 'string') return;
    observeOpened(socket, clientOptions.get(socket) ?? this.getConfig());
  };

  private inFront(
    Class: EmitterClass,
    event: string,
    look: (emitter: object, ...args: unknown[]) => void,
  ): void {
    const { prototype } = Class as unknown as { prototype: EventEmitter & { [PATCHED]?: true } };
    // The same class comes again by `import` after `require`.
    if (Object.hasOwn(prototype, PATCHED)) return;
    prototype[PATCHED] = true;
    // eslint-disable-next-line @typescript-eslint/unbound-method -- called with the emitter as this, below
    const { emit } = prototype;
    const isEnabled = () => this.isEnabled();
    prototype.emit = function (this: EventEmitter, name: string | symbol, ...args: unknown[]): boolean {
      if (name === event && isEnabled()) look(this, ...args);
      return emit.call(this, name, ...args);
    };
  }
}

const PATCHED = Symbol.for('unhinged.observability.patched');
