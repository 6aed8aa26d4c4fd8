'use client';

import { metrics } from '@opentelemetry/api';
import { Profiler, createElement, type ReactElement, type ReactNode } from 'react';

export interface ProfiledProps {
  /** Name of what is measured, attribute `unhinged.component`: one of few. */
  name: string;
  children?: ReactNode;
}

/**
 * Measures how long its children take to render: histogram `unhinged.react.render.duration` in milliseconds, by component and phase
 * (mount, update). React measures in development and in builds with `react-dom/profiling`; others render as if this were not here.
 */
export function Profiled({ name, children }: ProfiledProps): ReactElement {
  return createElement(Profiler, { id: name, onRender: record }, children);
}

function record(name: string, phase: string, durationMs: number): void {
  // Asked for each time: the SDK may start later, or again. The API gives back the same instrument.
  metrics
    .getMeter('@unhinged/observability-web/react')
    .createHistogram('unhinged.react.render.duration', {
      unit: 'ms',
      advice: { explicitBucketBoundaries: [1, 2, 4, 8, 16, 33, 50, 100, 250, 500, 1_000] },
    })
    .record(durationMs, { 'unhinged.component': name, 'unhinged.react.phase': phase });
}
