import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app.js';
import { LiveConnection } from './live/connection.js';
import { LiveContext } from './live/live-context.js';
import { applyTheme } from './theme/use-theme.js';

applyTheme();

const connection = new LiveConnection({
  openSource: () => new EventSource('api/live'),
  schedule: (callback, delayMs) => {
    const timer = setTimeout(callback, delayMs);
    return () => {
      clearTimeout(timer);
    };
  },
});
const stop = connection.start();
window.addEventListener('pagehide', stop);
// Back from the back-forward cache: the stream was closed when the page was left.
window.addEventListener('pageshow', (event) => {
  if (event.persisted) connection.start();
});

const root = document.getElementById('root');
if (root === null) throw new Error('index.html has no #root');
createRoot(root).render(
  <StrictMode>
    <LiveContext value={connection}>
      <App />
    </LiveContext>
  </StrictMode>,
);
