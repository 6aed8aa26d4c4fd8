import type { AttributeValue } from '@unhinged/observability-core';

/** 850 µs, 12.3 ms, 1.25 s, 5 min, 2 min 05 s. Never more than four figures. */
export function formatDuration(ms: number): string {
  if (!Number.isFinite(ms)) return '–';
  if (ms < 0) return `-${formatDuration(-ms)}`;
  if (ms === 0) return '0 ms';
  if (ms < 0.000_999_5) return `${figures(ms * 1e6)} ns`;
  if (ms < 0.999_5) return `${figures(ms * 1e3)} µs`;
  if (ms < 999.5) return `${figures(ms)} ms`;
  if (ms < 59_995) return `${figures(ms / 1e3)} s`;
  const seconds = Math.round(ms / 1e3);
  const [hours, minutes, rest] = [
    Math.floor(seconds / 3600),
    Math.floor((seconds % 3600) / 60),
    seconds % 60,
  ];
  if (hours === 0) return rest === 0 ? `${minutes} min` : `${minutes} min ${pad(rest)} s`;
  return minutes === 0 ? `${hours} h` : `${hours} h ${pad(minutes)} min`;
}

/** Three figures: 0.123, 1.23, 12.3, 123. */
function figures(value: number): string {
  if (value >= 99.95) return value.toFixed(0);
  if (value >= 9.995) return trimZeros(value.toFixed(1));
  return trimZeros(value.toFixed(2));
}

function trimZeros(text: string): string {
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
}

function pad(value: number, width = 2): string {
  return value.toString().padStart(width, '0');
}

/** 999, 1.2k, 34k, 5.6M. */
export function formatCount(value: number): string {
  if (!Number.isFinite(value)) return '–';
  const size = Math.abs(value);
  if (size < 999.5) return Number.isInteger(value) ? value.toString() : trimZeros(value.toPrecision(3));
  for (const [unit, suffix] of [
    [1e12, 'T'],
    [1e9, 'G'],
    [1e6, 'M'],
  ] as const) {
    if (size >= unit * 0.999_5) return `${figures(size / unit).replace(/^/, value < 0 ? '-' : '')}${suffix}`;
  }
  return `${value < 0 ? '-' : ''}${figures(size / 1e3)}k`;
}

/** `errors` of `requests` in per cent; no requests is no figure. */
export function formatErrorRate(errors: number, requests: number): string {
  if (requests === 0) return '–';
  const percent = (errors / requests) * 100;
  if (percent === 0) return '0 %';
  return percent < 0.1 ? '< 0.1 %' : `${trimZeros(percent.toFixed(percent < 10 ? 1 : 0))} %`;
}

export function formatRate(perSecond: number): string {
  if (perSecond > 0 && perSecond < 0.01) return '< 0.01/s';
  return `${formatCount(perSecond)}/s`;
}

export function formatBytes(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${unit === 0 ? value.toString() : figures(value)} ${units[unit] ?? ''}`;
}

/** Local wall clock with milliseconds, 14:03:22.519. */
export function formatClock(ms: number): string {
  const date = new Date(ms);
  return `${pad(date.getHours())}:${pad(date.getMinutes())}:${pad(date.getSeconds())}.${pad(date.getMilliseconds(), 3)}`;
}

/** Local date and time, 2026-11-23 14:03:22. */
export function formatDateTime(ms: number): string {
  const date = new Date(ms);
  const day = `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())}`;
  return `${day} ${pad(date.getHours())}:${pad(date.getMinutes())}:${pad(date.getSeconds())}`;
}

/** How long ago, in the coarsest unit that says something. */
export function formatAgo(ms: number, nowMs: number): string {
  const seconds = Math.max(0, Math.round((nowMs - ms) / 1000));
  if (seconds < 5) return 'now';
  if (seconds < 60) return `${seconds} s ago`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h ago`;
  return `${Math.floor(seconds / 86_400)} d ago`;
}

/** Nanoseconds since 1970 as text → milliseconds, with what a double keeps of the fraction. */
export function nanoToMs(nano: string): number {
  return Number(BigInt(nano) / 1000n) / 1000;
}

/** Negative when `left` is earlier. Decimal strings of any length. */
export function compareNano(left: string, right: string): number {
  if (left.length !== right.length) return left.length - right.length;
  return left < right ? -1 : left > right ? 1 : 0;
}

/** One line for a cell: strings as they are, the rest as JSON. */
export function formatValue(value: AttributeValue): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
