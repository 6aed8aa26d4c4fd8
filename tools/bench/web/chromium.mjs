// Runs one page in a Chromium of its own and times it.
import { createServer } from 'node:http';
import { chromium } from 'playwright-core';
import { ensureChromium } from '../../lib/browsers.mjs';
import { bundle } from './bundle.mjs';

/** Starts Chromium; close it when done. */
export const launch = () => chromium.launch({ executablePath: ensureChromium(), args: ['--no-sandbox'] });

/** A server on a free port of 127.0.0.1. */
export async function listen(handler) {
  const server = createServer(handler);
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    close: () => new Promise((resolve) => (server.closeAllConnections(), server.close(resolve))),
  };
}

/** Serves an empty page, its script at `/page.js` for whoever imports it, and an API at `/api/…` that answers some bytes. */
export async function servePage(code, { from, otlp }) {
  const { files } = await bundle(code, { from, define: { __OTLP__: JSON.stringify(otlp) } });
  const scripts = new Map(files.map(({ path, contents }) => [path, Buffer.from(contents)]));
  return listen((request, response) => {
    const path = new URL(request.url, 'http://x').pathname;
    const script = scripts.get(path);
    if (script) {
      response.setHeader('content-type', 'text/javascript');
      response.end(script);
    } else if (path.startsWith('/api/')) {
      response.setHeader('content-type', 'application/json');
      response.end('{"hello":"world"}');
    } else {
      response.setHeader('content-type', 'text/html');
      response.end('<!doctype html><title>bench</title><button id="go">go</button>');
    }
  });
}
