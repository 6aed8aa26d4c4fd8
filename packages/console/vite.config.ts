import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

export default defineConfig({
  // The bridge may serve the page under any path.
  base: './',
  plugins: [react()],
  build: {
    target: 'es2022',
    // All of these know light-dark().
    cssTarget: ['chrome123', 'firefox120', 'safari17.5'],
    // The page's Content-Security-Policy allows nothing inline, so no asset becomes a data: URL.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
  server: { proxy: { '/api': 'http://127.0.0.1:4319' } },
});
