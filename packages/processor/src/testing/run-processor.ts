import { parsePolicy } from '@unhinged/observability-core';
import {
  Processor,
  type AlertTransition,
  type ProcessorOptions,
  type RedWindow,
  type SketchState,
} from '../index.js';
import { T0 } from './span-event.js';

/** A window without methods, times relative to T0. */
export interface SeenWindow {
  at: [number, number];
  service: string;
  operation?: string;
  requests: number;
  errors: number;
  latency: SketchState;
  revision: number;
}

/** A processor that notes what it says, with windows of 10 s, a watermark of 10 s, lateness of 60 s and a clock at T0 + 1 h. */
export function runProcessor(policy: object = {}, options: Partial<ProcessorOptions> = {}) {
  const windows: SeenWindow[] = [];
  const alerts: AlertTransition[] = [];
  const note = ({ startMs, endMs, latency, ...rest }: RedWindow) => {
    windows.push({ at: [startMs - T0, endMs - T0], ...rest, latency: latency.toJSON() });
  };
  const processor = new Processor({
    policy: parsePolicy(policy),
    onAlert: (alert) => alerts.push(alert),
    onWindow: note,
    now: () => T0 + 3_600_000,
    ...options,
  });
  return { processor, windows, alerts };
}
