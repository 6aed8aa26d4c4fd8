import { useEffect, useLayoutEffect, useState, type ReactNode, type RefObject, type UIEvent } from 'react';
import { noExtra, rowWindow } from './virtual-window.js';

interface VirtualRowsProps {
  count: number;
  rowHeight: number;
  extra?: ReadonlyMap<number, number>;
  scrollRef: RefObject<HTMLDivElement | null>;
  renderRow: (index: number) => ReactNode;
  onScroll?: (element: HTMLDivElement) => void;
  /** A list that moves on its own holds still from here, or the click would end on another row than it began. */
  onPointerDown?: () => void;
  className?: string;
  role?: string;
  label: string;
  /** The id of the row that the keyboard is on; with it the list itself takes the focus. */
  activeId?: string | undefined;
  focusable?: boolean;
}

/** A scrolling list that draws only the rows in sight. The parent scrolls it through `scrollRef`. */
export function VirtualRows(props: VirtualRowsProps): ReactNode {
  const {
    count,
    rowHeight,
    extra = noExtra,
    scrollRef,
    renderRow,
    onScroll,
    className = '',
    role,
    label,
  } = props;
  const { activeId, focusable = false, onPointerDown } = props;
  const [scrollTop, setScrollTop] = useState(0);
  const [viewport, setViewport] = useState(800);

  useLayoutEffect(() => {
    const element = scrollRef.current;
    if (element === null) return;
    const observer = new ResizeObserver(() => {
      setViewport(element.clientHeight);
    });
    observer.observe(element);
    return () => {
      observer.disconnect();
    };
  }, [scrollRef]);

  // A list that became shorter is scrolled back by the browser, which sends no event when the offset was zero.
  useEffect(() => {
    const element = scrollRef.current;
    if (element !== null && element.scrollTop < scrollTop) {
      const frame = requestAnimationFrame(() => {
        setScrollTop(element.scrollTop);
      });
      return () => {
        cancelAnimationFrame(frame);
      };
    }
    return undefined;
  }, [count, scrollTop, scrollRef]);

  const { start, end, offset, total } = rowWindow({ count, rowHeight, extra }, scrollTop, viewport);
  const rows: ReactNode[] = [];
  for (let index = start; index < end; index++) rows.push(renderRow(index));
  return (
    <div
      ref={scrollRef}
      className={`scroll ${className}`}
      role={role}
      aria-label={label}
      aria-activedescendant={activeId}
      tabIndex={focusable ? 0 : undefined}
      aria-rowcount={role === 'table' || role === 'treegrid' ? count : undefined}
      onPointerDown={onPointerDown}
      onScroll={(event: UIEvent<HTMLDivElement>) => {
        setScrollTop(event.currentTarget.scrollTop);
        onScroll?.(event.currentTarget);
      }}
    >
      <div className="virtual-space" style={{ height: total }}>
        <div className="virtual-rows" style={{ transform: `translateY(${offset}px)` }}>
          {rows}
        </div>
      </div>
    </div>
  );
}
