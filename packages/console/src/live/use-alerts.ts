import type { AlertView, AlertsResponse } from '@unhinged/observability-core';
import { useMemo, useState } from 'react';
import type { ApiError } from '../api/client.js';
import { useResource } from '../api/use-resource.js';
import { mergeAlerts } from '../views/alerts/order.js';
import { useLive } from './live-context.js';

/** All alerts the bridge remembers. `undefined` until the first answer. */
export function useAlerts(): { alerts: AlertView[] | undefined; error: ApiError | undefined } {
  const { data, error } = useResource<AlertsResponse>('api/alerts', { refreshMs: 15_000 });
  const [pushed, setPushed] = useState<{ after: AlertsResponse | undefined; alerts: AlertView[] }>();
  useLive('alerts', ({ alerts }) => {
    setPushed((previous) => ({
      after: data,
      alerts: mergeAlerts(previous?.after === data ? (previous?.alerts ?? []) : [], alerts),
    }));
  });
  const alerts = useMemo(() => {
    if (data === undefined) return undefined;
    return mergeAlerts(data.alerts, pushed?.after === data ? pushed.alerts : []);
  }, [data, pushed]);
  return { alerts, error };
}
