import { formatBytes, formatCount, formatDuration } from '../../format/format.js';
import { metricUnit } from './chart-data.js';

/** The same without words, for the marks of an axis. */
export function axisFormatter(unit: string): (value: number) => string {
  const { kind, factor } = metricUnit(unit);
  if (kind === 'duration') return (value) => formatDuration(value * factor);
  if (kind === 'bytes') return (value) => formatBytes(Math.round(value));
  return formatCount;
}

/** What turns a value of a metric with `unit` into text. `perSecond` for the rate of a counter. */
export function valueFormatter(
  unit: string,
  perSecond: boolean,
): (value: number | null | undefined) => string {
  const { kind, factor, suffix } = metricUnit(unit);
  const rate = perSecond ? '/s' : '';
  return (value) => {
    if (value === null || value === undefined) return '–';
    if (kind === 'duration') return `${formatDuration(value * factor)}${rate}`;
    if (kind === 'bytes') return `${formatBytes(Math.round(value))}${rate}`;
    return `${formatCount(value)}${suffix === '' ? '' : ` ${suffix}`}${rate}`;
  };
}
