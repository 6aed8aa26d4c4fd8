import type { MetricInfo, MetricSeriesResponse, MetricsResponse } from '@unhinged/observability-core';
import { lazy, Suspense, useMemo, useState, type ReactNode } from 'react';
import { withQuery } from '../../api/client.js';
import { useResource } from '../../api/use-resource.js';
import { SearchField, ServiceField, Toggle } from '../../components/fields.js';
import { Empty, ErrorNotice } from '../../components/notice.js';
import { PALETTE_SIZE } from '../../components/service-palette.js';
import { alignSeries, latest, seriesLabels, statisticsOf, type Statistic } from './chart-data.js';
import { axisFormatter, valueFormatter } from './metric-value.js';

const Chart = lazy(() => import('./chart.js'));
const REFRESH_MS = 5_000;

export function MetricsView({ services }: { services: readonly string[] }): ReactNode {
  const { data, error } = useResource<MetricsResponse>('api/metrics', { refreshMs: REFRESH_MS });
  const [service, setService] = useState('');
  const [text, setText] = useState('');
  const [chosen, setChosen] = useState('');
  const wanted = text.trim().toLowerCase();
  const offered = (data?.metrics ?? [])
    .filter((metric) => service === '' || metric.services.includes(service))
    .filter(({ name, description }) => `${name} ${description}`.toLowerCase().includes(wanted))
    .sort((left, right) => left.name.localeCompare(right.name));
  const metric = offered.find(({ name }) => name === chosen) ?? offered[0];
  return (
    <section className="view" aria-labelledby="metrics-title">
      <div className="toolbar">
        <h1 id="metrics-title">Metrics</h1>
        <ServiceField value={service} services={services} onChange={setService} />
        <span className="muted push-right">refreshed every {REFRESH_MS / 1000} s</span>
      </div>
      <ErrorNotice error={error} />
      {data?.metrics.length === 0 ? (
        <Empty title="No metrics yet">
          <p>They appear with the first export of a meter, every few seconds.</p>
        </Empty>
      ) : (
        <div className="metrics-split">
          <div className="metric-picker">
            <SearchField label="Find a metric" value={text} onChange={setText} />
            <ul className="metric-list" aria-label="Metrics">
              {offered.map(({ name, type, unit }) => (
                <li key={name}>
                  <button
                    type="button"
                    className="metric-item"
                    aria-pressed={name === metric?.name}
                    data-testid="metric-item"
                    onClick={() => {
                      setChosen(name);
                    }}
                  >
                    <span className="mono">{name}</span>
                    <span className="muted small">
                      {type.replace('_', ' ')}
                      {unit === '' || unit === '1' ? '' : `, ${unit}`}
                    </span>
                  </button>
                </li>
              ))}
            </ul>
          </div>
          {metric === undefined ? (
            <Empty title="No metric matches" />
          ) : (
            <MetricChart key={metric.name} metric={metric} service={service} />
          )}
        </div>
      )}
    </section>
  );
}

function MetricChart({ metric, service }: { metric: MetricInfo; service: string }): ReactNode {
  const path = withQuery('api/metrics/series', { name: metric.name, service });
  const { data, error } = useResource<MetricSeriesResponse>(path, { refreshMs: REFRESH_MS });
  const [asked, setAsked] = useState<Statistic>('value');
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set());
  const series = useMemo(() => data?.series ?? [], [data]);
  const statistics = statisticsOf(series);
  const statistic = statistics.includes(asked) ? asked : 'value';
  const labels = useMemo(() => seriesLabels(series), [series]);
  const chartData = useMemo(() => {
    const aligned = alignSeries(series, statistic);
    const columns = aligned.columns.map((column, index) =>
      hidden.has(labels[index] ?? '') ? column.map(() => null) : column,
    );
    return { ...aligned, columns };
  }, [series, statistic, hidden, labels]);
  const format = useMemo(
    () => valueFormatter(metric.unit, metric.type === 'sum'),
    [metric.unit, metric.type],
  );
  const axisFormat = useMemo(() => axisFormatter(metric.unit), [metric.unit]);
  const name = metric.type.endsWith('histogram') ? 'mean' : metric.type === 'sum' ? 'rate' : 'value';
  return (
    <div className="metric-main">
      <header className="metric-head">
        <h2 className="mono">{metric.name}</h2>
        {statistics.length > 1
          ? statistics.map((one) => (
              <Toggle
                key={one}
                pressed={one === statistic}
                onChange={() => {
                  setAsked(one);
                }}
              >
                {one === 'value' ? name : one}
              </Toggle>
            ))
          : null}
      </header>
      {metric.description === '' ? null : <p className="muted">{metric.description}</p>}
      <ErrorNotice error={error} />
      <Suspense fallback={<div className="chart" />}>
        <Chart data={chartData} labels={labels} format={axisFormat} />
      </Suspense>
      <ul className="legend" aria-label="Series">
        {series.map((one, index) => {
          const label = labels[index] ?? '';
          return (
            <li key={`${label}-${index}`}>
              <button
                type="button"
                className={`legend-item svc-${index % PALETTE_SIZE}`}
                aria-pressed={!hidden.has(label)}
                title="Show or hide"
                onClick={() => {
                  const next = new Set(hidden);
                  if (!next.delete(label)) next.add(label);
                  setHidden(next);
                }}
              >
                <span className="service-dot" />
                <span className="ellipsis">{label}</span>
                <span className="mono">{format(latest(one, statistic))}</span>
              </button>
            </li>
          );
        })}
      </ul>
    </div>
  );
}
