'use client';

import { useContext, useMemo } from 'react';
import type { Logger } from '@unhinged/observability-core';
import { createLogger } from '../logger.js';
import { LoggerContext } from './provider.js';

let shared: Logger | undefined;
/** For components outside a provider. */
export const defaultLogger = (): Logger => (shared ??= createLogger());

/** The provider's logger, as a child with this component name where one is given; the same object in every render. */
export function useLogger(component?: string): Logger {
  const logger = useContext(LoggerContext) ?? defaultLogger();
  return useMemo(() => (component === undefined ? logger : logger.child({ component })), [logger, component]);
}
