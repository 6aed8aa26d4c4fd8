'use client';

import { Component, type ErrorInfo, type ReactNode } from 'react';
import type { Logger } from '@unhinged/observability-core';
import { createLogger } from '../logger.js';
import { isFirstSeen } from '../recorded-errors.js';
import { LoggerContext } from './provider.js';

/** What is shown in place of children that failed; `reset` tries them again. */
export type Fallback = ReactNode | ((failure: { error: unknown; reset: () => void }) => ReactNode);

export interface ErrorBoundaryProps {
  fallback?: Fallback;
  /** Called after the error was recorded. */
  onError?: (error: unknown, info: { componentStack: string }) => void;
  /** Tries the children again when one of these changes, for example the path. */
  resetKeys?: readonly unknown[];
  children?: ReactNode;
}

interface State {
  failure: { error: unknown } | undefined;
  keys: readonly unknown[];
}

let shared: Logger | undefined;

/** Attribute, and name of the event that has it alone. */
const STACK = 'unhinged.react.component_stack';

/**
 * Records an error that its children throw while they render, with the stack of components, as an error line that goes to D and L
 * whatever the flags, and renders the fallback. Once for each error: of what React has reported to the window before (React 18 in development),
 * or another boundary has caught, only the components are told, as an event `unhinged.react.component_stack`.
 */
export class ErrorBoundary extends Component<ErrorBoundaryProps, State> {
  static override contextType = LoggerContext;

  override state: State = { failure: undefined, keys: this.props.resetKeys ?? [] };

  static getDerivedStateFromError(error: unknown): Partial<State> {
    return { failure: { error } };
  }

  static getDerivedStateFromProps(
    { resetKeys = [] }: ErrorBoundaryProps,
    state: State,
  ): Partial<State> | null {
    const changed =
      resetKeys.length !== state.keys.length || resetKeys.some((key, i) => !Object.is(key, state.keys[i]));
    return changed ? { failure: undefined, keys: resetKeys } : null;
  }

  override componentDidCatch(error: unknown, { componentStack }: ErrorInfo): void {
    const stack = componentStack ?? '';
    // React prints it: not to the console again.
    shared ??= createLogger({ flags: '=DL' });
    const log = shared.child({ component: 'react' });
    const message = error instanceof Error ? error.message : String(error);
    if (isFirstSeen(error)) {
      log.error(message, error, {
        'event.name': 'exception',
        'unhinged.error.kind': 'render',
        [STACK]: stack,
      });
    } else {
      // Its line is there already, without them.
      log.info(message, { 'event.name': STACK, [STACK]: stack });
    }
    this.props.onError?.(error, { componentStack: stack });
  }

  readonly reset = (): void => {
    this.setState({ failure: undefined });
  };

  override render(): ReactNode {
    const { failure } = this.state;
    const { fallback, children } = this.props;
    if (!failure) return children;
    return typeof fallback === 'function' ? fallback({ error: failure.error, reset: this.reset }) : fallback;
  }
}
