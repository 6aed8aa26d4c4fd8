// A small HTTP service; with OTEL_EXPORTER_OTLP_ENDPOINT it records every request.
if (process.env.OTEL_EXPORTER_OTLP_ENDPOINT) await import('../../dist/register.js');
const { createServer } = await import('node:http');

const server = createServer((_request, response) => {
  setTimeout(() => {
    response.setHeader('content-type', 'application/json');
    response.end(
      JSON.stringify({ items: Array.from({ length: 200 }, (_, id) => ({ id, name: `item ${id}` })) }),
    );
  }, 5);
});
process.on('message', () => process.send({ megabytes: process.memoryUsage.rss() / 1024 / 1024 }));
process.on('disconnect', () => process.exit());
server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }));
