declare const WorkerGlobalScope: (new () => object) | undefined;

/** Where there is a document: its events, loads and routes can be watched. */
export const isPage = (): boolean => typeof document !== 'undefined' && typeof window !== 'undefined';

/** A web worker has no document but sends requests, logs and fails as a page does. */
const isWorker = (): boolean =>
  typeof WorkerGlobalScope !== 'undefined' &&
  globalThis instanceof WorkerGlobalScope &&
  typeof location !== 'undefined';

/** False on a server: there the SDK does nothing. */
export const isBrowser = (): boolean => isPage() || isWorker();

/** What relative addresses are relative to. */
export const baseAddress = (): string => (isPage() ? document.baseURI : location.href);
