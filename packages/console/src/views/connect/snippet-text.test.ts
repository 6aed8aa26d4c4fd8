import { snippets } from './snippet-text.js';

it('names the ports that the bridge really has', () => {
  const texts = snippets({ host: 'box', grpc: 5317, http: 5318 }).map(({ text }) => text);
  expect(texts[0]).toContain('http://box:5318');
  expect(texts[1]).toContain('http://box:5317');
  expect(texts[2]).toContain('OTEL_EXPORTER_OTLP_ENDPOINT=http://box:5318');
});
