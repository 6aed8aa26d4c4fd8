import type { StatusResponse } from '@unhinged/observability-core';
import { useState, type ReactNode } from 'react';
import { ApiError, postJson } from '../../api/client.js';
import { useResource } from '../../api/use-resource.js';
import { formatAgo, formatCount } from '../../format/format.js';
import { useNow } from '../../live/use-services.js';

/** Why the newest rows may be missing, and the button that brings them in. */
export function FlushNote(): ReactNode {
  const { data, reload } = useResource<StatusResponse>('api/status', { refreshMs: 3_000 });
  const now = useNow(1_000);
  const [flush, setFlush] = useState<{ running: boolean; failed?: string }>({ running: false });
  const lake = data?.lake;

  const onFlush = async (): Promise<void> => {
    setFlush({ running: true });
    try {
      await postJson('api/flush', {});
      setFlush({ running: false });
    } catch (cause) {
      setFlush({ running: false, failed: cause instanceof ApiError ? cause.message : String(cause) });
    }
    reload();
  };

  return (
    <span className="flush-note muted">
      <span title="Rows can be queried once they are written to Parquet.">
        {lake === undefined
          ? 'Rows arrive here after a flush.'
          : `${formatCount(lake.pendingRows)} rows wait for a flush${lake.lastCommitMs === null ? '' : `, last ${formatAgo(lake.lastCommitMs, now)}`}.`}
      </span>
      <button
        type="button"
        className="button"
        disabled={flush.running}
        onClick={() => void onFlush()}
        data-testid="flush"
      >
        {flush.running ? 'Flushing…' : 'Flush now'}
      </button>
      {flush.failed === undefined ? null : (
        <span className="status-message" role="alert">
          {flush.failed}
        </span>
      )}
    </span>
  );
}
