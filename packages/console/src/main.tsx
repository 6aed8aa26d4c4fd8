import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app.js';
import { connectWhileSeen } from './live/connect-while-seen.js';
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
connectWhileSeen(connection);

const root = document.getElementById('root');
if (root === null) throw new Error('index.html has no #root');
createRoot(root).render(
  <StrictMode>
    <LiveContext value={connection}>
      <App />
    </LiveContext>
  </StrictMode>,
);
