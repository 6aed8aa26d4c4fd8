import { useEffect, useRef, type ReactNode } from 'react';
import uPlot from 'uplot';
import { PALETTE_SIZE } from '../../components/service-palette.js';
import { cssColor } from '../../theme/css-color.js';
import { shownTime, type ChartData } from './chart-data.js';

interface ChartProps {
  data: ChartData;
  labels: readonly string[];
  /** Writes the marks of the value axis. */
  format: (value: number) => string;
}

/** Lines over time. A module of its own, since only this view needs uPlot. */
export default function Chart({ data, labels, format }: ChartProps): ReactNode {
  const hostRef = useRef<HTMLDivElement>(null);
  const plotRef = useRef<uPlot>(null);
  const names = labels.join('\n');

  useEffect(() => {
    const host = hostRef.current;
    if (host === null) return undefined;
    const make = (): void => {
      plotRef.current?.destroy();
      plotRef.current = new uPlot(options(host, names === '' ? [] : names.split('\n'), format), [[]], host);
    };
    make();
    const size = new ResizeObserver(() => {
      plotRef.current?.setSize({ width: host.clientWidth, height: host.clientHeight });
    });
    size.observe(host);
    // A canvas knows no custom properties: another theme is another chart.
    const dark = window.matchMedia('(prefers-color-scheme: dark)');
    const remake = (): void => {
      const shown = plotRef.current?.data;
      make();
      if (shown !== undefined) plotRef.current?.setData(shown);
    };
    const theme = new MutationObserver(remake);
    theme.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme'] });
    dark.addEventListener('change', remake);
    return () => {
      size.disconnect();
      theme.disconnect();
      dark.removeEventListener('change', remake);
      plotRef.current?.destroy();
      plotRef.current = null;
    };
  }, [names, format]);

  useEffect(() => {
    plotRef.current?.setData([data.seconds, ...data.columns]);
  }, [data, names, format]);

  return <div ref={hostRef} className="chart" role="img" aria-label={`Chart of ${labels.length} series`} />;
}

const isPoint = (value: number | null | undefined): boolean => value !== null && value !== undefined;

function options(host: HTMLElement, labels: readonly string[], format: ChartProps['format']): uPlot.Options {
  const color = (name: string): string => cssColor(host, name);
  const axis: uPlot.Axis = {
    stroke: color('--text-muted'),
    grid: { stroke: color('--line'), width: 1 },
    ticks: { stroke: color('--line'), width: 1, size: 4 },
    font: '11px system-ui, sans-serif',
  };
  return {
    width: host.clientWidth,
    height: host.clientHeight,
    legend: { show: false },
    cursor: { points: { size: 6 }, y: false },
    scales: {
      x: { range: (plot: uPlot, first, last) => shownTime(plot.data[0].length, first, last) },
      y: { range: (_plot, min, max) => [Math.min(0, min), max > 0 ? max * 1.08 : 1] },
    },
    axes: [
      { ...axis, space: 80, values: '{HH}:{mm}:{ss}' },
      { ...axis, size: 62, space: 44, values: (_plot, values) => values.map(format) },
    ],
    series: [
      {},
      ...labels.map((label, index) => ({
        label,
        stroke: color(`--svc-${index % PALETTE_SIZE}`),
        width: 1.75,
        spanGaps: true,
        // Colours repeat after the palette; dashes tell the second round from the first.
        ...(index >= PALETTE_SIZE ? { dash: [6, 4] } : {}),
        // A single point makes no line.
        points: {
          show: (plot: uPlot, at: number) => Array.from(plot.data[at] ?? []).filter(isPoint).length === 1,
          size: 6,
        },
      })),
    ],
  };
}
