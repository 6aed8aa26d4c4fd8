import type { Journal } from '@unhinged/events/journal';
import type { StatusResponse } from '@unhinged/observability-core';
import type { Lake, LakeReader } from '@unhinged/observability-lake';
import type { Counters } from '../../counters.js';
import type { LiveHub } from '../console/live-hub.js';
import type { SourceMapStore } from '../source-maps/source-map-store.js';
import type { ConsoleStore } from '../store/console-store.js';

/** What the endpoints answer from. */
export interface ApiContext {
  store: ConsoleStore;
  live: LiveHub;
  journal: Journal;
  lake: Lake;
  reader: LakeReader;
  counters: Counters;
  sourceMaps: SourceMapStore;
  /** Resolves when everything in the journal is in the lake. */
  flush: () => Promise<void>;
  /** Why the bridge is not ready; empty when it is. */
  notReady: () => string[];
  version: string;
  startedMs: number;
  dataDir: string;
  ports: () => StatusResponse['ports'];
}
