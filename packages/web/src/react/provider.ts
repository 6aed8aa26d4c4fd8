'use client';

import { createContext, createElement, useEffect, useState, type ReactElement, type ReactNode } from 'react';
import type { Logger } from '@unhinged/observability-core';
import { createLogger } from '../logger.js';
import { startWeb } from '../start-web.js';
import type { WebSdk } from '../start-web-with.js';

export interface ObservabilityProviderProps {
  /**
   * Options of `startWeb`, which is then called before the first child renders, and shut down when the last provider is gone. Leave
   * them out where the application calls `startWeb` itself.
   */
  options?: Parameters<typeof startWeb>[0];
  /** The logger of `useLogger` and `ErrorBoundary`. Default: one with the flags of `startWeb`. */
  logger?: Logger;
  children?: ReactNode;
}

export const LoggerContext = createContext<Logger | undefined>(undefined);

/** The SDK that providers have started, and how many are mounted. */
let started: WebSdk | undefined;
let mounted = 0;

/** Starts the SDK, and gives its logger to what is inside. Safe under StrictMode, and on a server, where nothing is started. */
export function ObservabilityProvider({
  options,
  logger,
  children,
}: ObservabilityProviderProps): ReactElement {
  // While rendering, so that the effects of children are seen; a second call finds it running.
  const [fallback] = useState(() => {
    if (options !== undefined && typeof window !== 'undefined') started ??= startWeb(options);
    return createLogger();
  });
  useEffect(() => {
    mounted++;
    // StrictMode unmounts and mounts again in one go, and so does hot reload.
    if (options !== undefined) started ??= startWeb(options);
    return () => {
      mounted--;
      setTimeout(() => {
        if (mounted > 0 || started === undefined) return;
        void started.shutdown();
        started = undefined;
      });
    };
    // Once, with the first options.
  }, []);
  return createElement(LoggerContext.Provider, { value: logger ?? fallback }, children);
}
