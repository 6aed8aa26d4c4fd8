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
    let frame = 0;
    const redraw = (): void => {
      cancelAnimationFrame(frame);
      frame = requestAnimationFrame(() => {
        draw(canvas, tree, visible, list, rowHeight);
      });
    };
    const observer = new ResizeObserver(redraw);
    observer.observe(canvas);
    const theme = new MutationObserver(redraw);
    theme.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme'] });
    list.addEventListener('scroll', redraw, { passive: true });
    redraw();
    return () => {
      cancelAnimationFrame(frame);
      observer.disconnect();
      theme.disconnect();
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

function draw(
  canvas: HTMLCanvasElement,
  tree: TraceTree,
  visible: readonly number[],
  list: HTMLElement,
  rowHeight: number,
): void {
  const ratio = window.devicePixelRatio;
  const width = canvas.clientWidth;
  canvas.width = width * ratio;
  canvas.height = HEIGHT * ratio;
  const context = canvas.getContext('2d');
  if (context === null) return;
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
  const height = visible.length * rowHeight;
  context.strokeStyle = cssColor(canvas, '--accent');
  context.lineWidth = 1.5;
  const top = (list.scrollTop / height) * HEIGHT;
  context.strokeRect(0.75, top + 0.75, width - 1.5, Math.max(4, (list.clientHeight / height) * HEIGHT) - 1.5);
}
