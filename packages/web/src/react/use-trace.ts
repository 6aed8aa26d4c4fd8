'use client';

import type { Attributes, Span } from '@opentelemetry/api';
import { useCallback } from 'react';
import { trace } from '../trace.js';

/** As `trace` of the SDK. */
export type TraceFunction = <T>(
  name: string,
  fn: (span: Span) => T,
  options?: { attributes?: Attributes },
) => T;

/** `trace()` for event handlers and effects; its spans say the component. The same function in every render. */
export function useTrace(component?: string): TraceFunction {
  return useCallback(
    (name, fn, { attributes } = {}) =>
      trace(name, fn, {
        attributes: {
          ...(component !== undefined && { 'unhinged.component': component }),
          ...attributes,
        },
      }),
    [component],
  );
}
