import { type Browser, chromium, type Page } from 'playwright-core';

import { eventually } from './system.js';

/** Starts Chromium without a window; whoever asks for it closes it. Playwright leaves out the back/forward cache. */
export const launchBrowser = ({ backForwardCache = false } = {}): Promise<Browser> =>
  chromium.launch({
    ignoreDefaultArgs: backForwardCache ? ['--disable-back-forward-cache'] : [],
    executablePath: process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update'],
  });

/** Does something on the page of the demo, and gives the trace id that the page then shows for it. */
export async function act(page: Page, action: () => Promise<void>): Promise<string> {
  const shown = page.getByTestId('last-trace');
  const textOf = async () => ((await shown.count()) > 0 ? await shown.textContent() : '');
  const before = await textOf();
  await action();
  return eventually('a new trace id on the page', async () => {
    const text = await textOf();
    return text === before ? undefined : /[0-9a-f]{32}/.exec(text ?? '')?.[0];
  });
}
