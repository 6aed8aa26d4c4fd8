import { useEffect, useRef, type ReactNode, type RefObject } from 'react';
import { serviceClass } from '../../components/service-palette.js';
import { cssColor } from '../../theme/css-color.js';
import type { TraceTree } from './trace-tree.js';

const HEIGHT = 48;

interface MinimapProps {
  tree: TraceTree;
  visible: readonly number[];
  scrollRef: RefObject<HTMLDivElement | null>;
  rowHeight: number;
}

/** All spans at a glance, errors on top; a click scrolls there. Only drawn where there is more than fits on a screen. */
export function Minimap({ tree, visible, scrollRef, rowHeight }: MinimapProps): ReactNode {
  const canvasRef = useRef<HTMLCanvasElement>(null);
  const needed = visible.length > 40;

  useEffect(() => {
    const canvas = canvasRef.current;
    const list = scrollRef.current;
    if (canvas === null || list === null || !needed) return undefined;
    // The bars change seldom, the frame around what is in sight with every scroll: so they are drawn apart.
    let bars: HTMLCanvasElement | undefined;
    let frame = 0;
    const redraw = (): void => {
      cancelAnimationFrame(frame);
      frame = requestAnimationFrame(() => {
        bars ??= drawBars(canvas, tree, visible);
        drawFrame(canvas, bars, list, visible.length * rowHeight);
      });
    };
    const restart = (): void => {
      bars = undefined;
      redraw();
    };
    const observer = new ResizeObserver(restart);
    observer.observe(canvas);
    const theme = new MutationObserver(restart);
    theme.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme'] });
    const dark = window.matchMedia('(prefers-color-scheme: dark)');
    dark.addEventListener('change', restart);
    list.addEventListener('scroll', redraw, { passive: true });
    redraw();
    return () => {
      cancelAnimationFrame(frame);
      observer.disconnect();
      theme.disconnect();
      dark.removeEventListener('change', restart);
      list.removeEventListener('scroll', redraw);
    };
  }, [tree, visible, scrollRef, rowHeight, needed]);

  if (!needed) return null;
  const scrollTo = (clientY: number, target: HTMLCanvasElement): void => {
    const list = scrollRef.current;
    if (list === null) return;
    const box = target.getBoundingClientRect();
    const share = (clientY - box.top) / box.height;
    list.scrollTop = share * visible.length * rowHeight - list.clientHeight / 2;
  };
  return (
    <canvas
      ref={canvasRef}
      className="minimap"
      aria-hidden="true"
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        scrollTo(event.clientY, event.currentTarget);
      }}
      onPointerMove={(event) => {
        if (event.buttons === 1) scrollTo(event.clientY, event.currentTarget);
      }}
    />
  );
}

function drawBars(canvas: HTMLCanvasElement, tree: TraceTree, visible: readonly number[]): HTMLCanvasElement {
  const ratio = window.devicePixelRatio;
  const width = canvas.clientWidth;
  const bars = document.createElement('canvas');
  bars.width = width * ratio;
  bars.height = HEIGHT * ratio;
  const context = bars.getContext('2d');
  if (context === null) return bars;
  context.scale(ratio, ratio);
  const colors = new Map<string, string>();
  const colorOf = (service: string): string => {
    const known = colors.get(service);
    if (known !== undefined) return known;
    const color = cssColor(canvas, `--${serviceClass(service)}`);
    colors.set(service, color);
    return color;
  };
  const total = tree.durationMs || 1;
  const line = Math.max(1, HEIGHT / visible.length);
  const bar = (index: number, position: number, color: string): void => {
    const row = tree.rows[index];
    if (row === undefined) return;
    context.fillStyle = color;
    const y = (position / visible.length) * HEIGHT;
    context.fillRect((row.startMs / total) * width, y, Math.max(1, (row.durationMs / total) * width), line);
  };
  visible.forEach((index, position) => {
    bar(index, position, colorOf(tree.rows[index]?.span.service ?? ''));
  });
  const errorColor = cssColor(canvas, '--error');
  visible.forEach((index, position) => {
    if (tree.rows[index]?.span.status === 'error') bar(index, position, errorColor);
  });
  return bars;
}

/** `height` is that of all rows, in pixels of the list. */
function drawFrame(
  canvas: HTMLCanvasElement,
  bars: HTMLCanvasElement,
  list: HTMLElement,
  height: number,
): void {
  const ratio = window.devicePixelRatio;
  canvas.width = bars.width;
  canvas.height = bars.height;
  const context = canvas.getContext('2d');
  if (context === null || bars.width === 0) return;
  context.drawImage(bars, 0, 0);
  context.scale(ratio, ratio);
  context.strokeStyle = cssColor(canvas, '--accent');
  context.lineWidth = 1.5;
  const top = (list.scrollTop / height) * HEIGHT;
  const size = Math.max(4, (list.clientHeight / height) * HEIGHT);
  context.strokeRect(0.75, top + 0.75, canvas.width / ratio - 1.5, size - 1.5);
}
