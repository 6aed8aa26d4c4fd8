import type { Instrument, Page, Stop } from './instrument.js';
import { whenIdle } from './when-idle.js';

export interface LongFrameOptions {
  /** Frames that kept the page from answering for less, in milliseconds, are left out. Default 50. */
  minBlockingMs?: number;
}

/** A page that stutters all the time must not fill the queue: the worst is known after this many. */
const MAX_A_PAGE = 100;
const MAX_SCRIPTS = 3;

/** The part of https://w3c.github.io/long-animation-frames/ used here. */
interface LongFrame extends PerformanceEntry {
  blockingDuration: number;
  renderStart: number;
  firstUIEventTimestamp: number;
  scripts: readonly {
    duration: number;
    invoker: string;
    invokerType: string;
    sourceURL: string;
    sourceFunctionName: string;
    sourceCharPosition: number;
    forcedStyleAndLayoutDuration: number;
  }[];
}

/**
 * An event `browser.long_animation_frame` for every frame that blocked the page, with the three scripts that took longest. At most
 * 100 a page; the last one says so with `unhinged.limit_reached`. Chromium only; elsewhere it does nothing.
 */
export function recordLongFrames({ minBlockingMs = 50 }: LongFrameOptions = {}): Instrument {
  // The browser keeps those of the start, 200 of them, until somebody observes.
  return (page) => whenIdle(() => observe(page, minBlockingMs));
}

function observe(page: Page, minBlockingMs: number): Stop | undefined {
  if (!(PerformanceObserver.supportedEntryTypes as string[] | undefined)?.includes('long-animation-frame'))
    return undefined;
  let recorded = 0;
  const observer = new PerformanceObserver((list) => {
    for (const frame of list.getEntries() as LongFrame[]) {
      if (frame.blockingDuration < minBlockingMs || recorded >= MAX_A_PAGE) continue;
      recorded++;
      record(page, frame, recorded === MAX_A_PAGE);
    }
  });
  observer.observe({ type: 'long-animation-frame', buffered: true });
  return () => {
    observer.disconnect();
  };
}

function record(page: Page, frame: LongFrame, isLast: boolean): void {
  const name = 'browser.long_animation_frame';
  const longest = [...frame.scripts].sort((a, b) => b.duration - a.duration).slice(0, MAX_SCRIPTS);
  page.event(
    name,
    {
      [`${name}.start_time`]: frame.startTime,
      [`${name}.duration`]: frame.duration,
      [`${name}.blocking_duration`]: frame.blockingDuration,
      [`${name}.render_start`]: frame.renderStart,
      [`${name}.first_ui_event_timestamp`]: frame.firstUIEventTimestamp,
      [`${name}.scripts`]: longest.map((script) => ({
        duration: script.duration,
        invoker: script.invoker.startsWith('http') ? page.shown(script.invoker) : script.invoker,
        invoker_type: script.invokerType,
        source_url: page.shown(script.sourceURL),
        source_function_name: script.sourceFunctionName,
        source_char_position: script.sourceCharPosition,
        forced_style_and_layout_duration: script.forcedStyleAndLayoutDuration,
      })),
      ...(isLast && { 'unhinged.limit_reached': true }),
    },
    { level: 'warn' },
  );
}
