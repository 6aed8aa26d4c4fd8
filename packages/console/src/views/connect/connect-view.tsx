import type { StatusResponse } from '@unhinged/observability-core';
import type { ReactNode } from 'react';
import { useResource } from '../../api/use-resource.js';
import { CopyButton } from '../../components/copy-button.js';
import { ErrorNotice } from '../../components/notice.js';
import { formatBytes, formatCount, formatDateTime } from '../../format/format.js';
import { Snippets } from './snippets.js';

export function ConnectView(): ReactNode {
  const { data, error } = useResource<StatusResponse>('api/status', { refreshMs: 3_000 });
  return (
    <section className="view view-scroll" aria-labelledby="connect-title">
      <div className="toolbar">
        <h1 id="connect-title">Connect</h1>
        {data === undefined ? null : <span className="muted">version {data.version}</span>}
      </div>
      <ErrorNotice error={error} />
      {data === undefined ? null : (
        <div className="stack">
          <Endpoints status={data} />
          <h2>Lines to paste</h2>
          <Snippets />
          <h2>This bridge</h2>
          <BridgeFigures status={data} />
          <h2>Counters</h2>
          <Counters counters={data.counters} />
        </div>
      )}
    </section>
  );
}

function Endpoints({ status: { ports } }: { status: StatusResponse }): ReactNode {
  const host = window.location.hostname;
  const rows = [
    ['OTLP/gRPC', `http://${host}:${ports.grpc}`],
    ['OTLP/HTTP (protobuf or JSON, gzip)', `http://${host}:${ports.http}`],
    ['Prometheus exposition', `http://${host}:${ports.prometheus}/metrics`],
    ['Console', `http://${host}:${ports.console}/`],
  ] as const;
  return (
    <table className="table">
      <tbody>
        {rows.map(([name, url]) => (
          <tr key={name}>
            <th scope="row">{name}</th>
            <td className="mono">{url}</td>
            <td className="cell-action">
              <CopyButton text={url} label={`Copy ${url}`} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function BridgeFigures({ status }: { status: StatusResponse }): ReactNode {
  const { lake, journal } = status;
  const rows = Object.entries(lake.rows).map(
    ([table, count]) => [`Rows in ${table}`, formatCount(count)] as const,
  );
  const figures = [
    ['Running since', formatDateTime(status.startedMs)],
    ['Data folder', status.dataDir],
    ['Journal', `${formatBytes(journal.bytes)} of ${formatBytes(journal.capBytes)}`],
    ['Journal records', `${journal.firstSequence} to ${journal.lastSequence}`],
    ['In Parquet up to', lake.committedSequence.toString()],
    ['Rows that wait for a flush', formatCount(lake.pendingRows)],
    ['Last commit', lake.lastCommitMs === null ? 'none yet' : formatDateTime(lake.lastCommitMs)],
    ...rows,
  ] as const;
  return (
    <table className="table">
      <tbody>
        {figures.map(([name, value]) => (
          <tr key={name}>
            <th scope="row">{name}</th>
            <td className="mono">{value}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Counters({ counters }: { counters: Record<string, number> }): ReactNode {
  return (
    <table className="table">
      <tbody>
        {Object.entries(counters)
          .sort(([left], [right]) => left.localeCompare(right))
          .map(([name, value]) => (
            <tr key={name}>
              <th scope="row" className="mono">
                {name}
              </th>
              <td className="mono number">{value.toLocaleString('en-US')}</td>
            </tr>
          ))}
      </tbody>
    </table>
  );
}
