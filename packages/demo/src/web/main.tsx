import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';

import { App } from './app.js';
import { loadConfig } from './page-config.js';
import './style.css';
import { startTelemetry } from './telemetry.js';

const element = document.getElementById('root');
if (element === null) throw new Error('index.html has no #root');
const root = createRoot(element);

try {
  const config = await loadConfig();
  startTelemetry(config);
  root.render(
    <StrictMode>
      <App config={config} />
    </StrictMode>,
  );
} catch (error) {
  root.render(<p className="broken">The page could not start: {String(error)}</p>);
}
