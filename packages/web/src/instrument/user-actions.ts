import { afterTask } from './after-task.js';
import { listen } from '../listen.js';
import type { Instrument, Page, Stop } from './instrument.js';
import { selectorOf } from './selector.js';

export interface UserActionOptions {
  /** DOM events that are user actions. Default `click` and `submit`. */
  events?: readonly string[];
}

const BUTTONS = ['left', 'middle', 'right'];
/** Clicks at one place within this time of one another belong together. */
const RAGE_WINDOW_MS = 1_000;
const RAGE_CLICKS = 3;

/**
 * A span for every click and submit, named `browser.user_action.click` as the browser SIG does, and active in the handlers, so that
 * the requests they make are its children. It begins with the event (waiting for a busy main thread included) and ends after
 * the handlers, the promises they settle included, up to the next task. The same as an event, so that the lines of a session
 * tell what the user did. Three clicks on one element within a second of each other are an event `unhinged.rage_click`.
 */
export function traceUserActions({ events = ['click', 'submit'] }: UserActionOptions = {}): Instrument {
  return (page) => start(page, events);
}

function start(page: Page, events: readonly string[]): Stop {
  let current: Action | undefined;
  const rage = rageDetector(page);
  const onEvent = (event: Event) => {
    const [target] = event.composedPath();
    if (!(target instanceof Element) || (current && isPartOf(current, event))) return;
    // The user is quicker than the task that ends the last one.
    current?.end();
    const attributes = describe(event, target);
    if (event.type === 'click') rage(event, attributes['browser.css_selector']);
    const name = `browser.user_action.${event.type}`;
    const span = page.tracer.startSpan(name, { startTime: event.timeStamp, attributes });
    const leave = page.enter(span);
    page.event(name, attributes, { message: `${event.type} ${attributes['browser.css_selector']}` });
    const action = {
      event,
      end: () => {
        if (current !== action) return;
        current = undefined;
        leave();
        span.end();
      },
    };
    current = action;
    afterTask(action.end);
  };
  return listen(window, events.join(' '), onEvent, { capture: true, passive: true });
}

interface Action {
  event: Event;
  end: () => void;
}

/** A click on a label clicks its field too, at the same time; a click on a button submits; a handler may click by itself. */
const isPartOf = ({ event: first }: Action, event: Event) =>
  event.type !== first.type || event.timeStamp === first.timeStamp || !event.isTrusted;

function describe(event: Event, target: Element) {
  return {
    'browser.css_selector': selectorOf(target),
    'browser.tag_name': target.tagName,
    ...(event instanceof MouseEvent && {
      'browser.mouse_event.button': BUTTONS[event.button] ?? 'left',
      'browser.page.x': Math.round(event.pageX),
      'browser.page.y': Math.round(event.pageY),
    }),
  };
}

function rageDetector(page: Page): (event: Event, selector: string) => void {
  let last = { selector: '', at: -Infinity, count: 0 };
  return ({ timeStamp }, selector) => {
    const goesOn = selector === last.selector && timeStamp - last.at < RAGE_WINDOW_MS;
    last = { selector, at: timeStamp, count: goesOn ? last.count + 1 : 1 };
    if (last.count === RAGE_CLICKS)
      page.event('unhinged.rage_click', { 'browser.css_selector': selector }, { level: 'warn' });
  };
}
