import type { ServicesResponse } from '@unhinged/observability-core';
import { useEffect, useState } from 'react';
import { useResource, type Resource } from '../api/use-resource.js';
import { useLive } from './live-context.js';

/** RED figures of all services: read once in a while, and pushed in between. */
export function useServices(): Resource<ServicesResponse> {
  const resource = useResource<ServicesResponse>('api/services', { refreshMs: 15_000 });
  const [pushed, setPushed] = useState<{ after: ServicesResponse | undefined; data: ServicesResponse }>();
  useLive('services', ({ windowMs, services }) => {
    setPushed({ after: resource.data, data: { windowMs, services } });
  });
  // What was pushed is newer than the answer it came after, older than the next.
  const data = pushed !== undefined && pushed.after === resource.data ? pushed.data : resource.data;
  return { ...resource, data };
}

/** The wall clock, read anew every `everyMs`. */
export function useNow(everyMs: number): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => {
      setNow(Date.now());
    }, everyMs);
    return () => {
      clearInterval(timer);
    };
  }, [everyMs]);
  return now;
}
