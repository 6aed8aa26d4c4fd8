'use client';

export { ObservabilityProvider, type ObservabilityProviderProps } from './provider.js';
export { ErrorBoundary, type ErrorBoundaryProps, type Fallback } from './error-boundary.js';
export { Profiled, type ProfiledProps } from './profiled.js';
export { useRouteTracking, type RouteMatch } from './use-route-tracking.js';
export { useLogger } from './use-logger.js';
export { useTrace, type TraceFunction } from './use-trace.js';
