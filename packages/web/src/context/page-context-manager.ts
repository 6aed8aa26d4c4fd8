import { ROOT_CONTEXT, type Context, type ContextManager } from '@opentelemetry/api';

/**
 * The active context of a page without zone.js. Two sources: a function that runs in a context (`with`), and what the page is
 * busy with (`enter`): the click whose handlers run, the route that changes. The function wins.
 */
export class PageContextManager implements ContextManager {
  #running: Context | undefined;
  readonly #busyWith: Context[] = [];

  active(): Context {
    return this.#running ?? this.#busyWith.at(-1) ?? ROOT_CONTEXT;
  }

  /** Active while the synchronous part of the function runs. */
  with<A extends unknown[], F extends (...args: A) => ReturnType<F>>(
    context: Context,
    fn: F,
    thisArg?: ThisParameterType<F>,
    ...args: A
  ): ReturnType<F> {
    const before = this.#running;
    this.#running = context;
    try {
      return fn.call(thisArg, ...args);
    } finally {
      this.#running = before;
    }
  }

  /** A function that always runs in the context, whoever calls it. */
  bind<T>(context: Context, target: T): T {
    if (typeof target !== 'function') return target;
    const run = (self: unknown, args: unknown[]): unknown =>
      this.with(context, () => Reflect.apply(target, self, args) as unknown);
    return function (this: unknown, ...args: unknown[]) {
      return run(this, args);
    } as T;
  }

  /** Active in everything that runs from now on outside a `with`, until the function it returns is called. */
  enter(context: Context): () => void {
    this.#busyWith.push(context);
    return () => {
      const at = this.#busyWith.indexOf(context);
      if (at >= 0) this.#busyWith.splice(at, 1);
    };
  }

  enable(): this {
    return this;
  }

  disable(): this {
    this.#running = undefined;
    this.#busyWith.length = 0;
    return this;
  }
}
