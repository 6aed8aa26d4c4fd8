// Takes every request and says OK; looks at nothing.
import { createServer as createHttp } from 'node:http';
import { createServer as createHttp2 } from 'node:http2';

const OK = Buffer.from([0, 0, 0, 0, 0]);
const grpc = createHttp2();
grpc.on('stream', (stream) => {
  stream.on('error', () => undefined);
  stream.resume();
  stream.on('end', () => {
    stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
    stream.end(OK);
  });
});
const http = createHttp((request, response) => {
  request.resume();
  request.on('end', () => response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end());
});
await new Promise((done) => grpc.listen(0, '127.0.0.1', done));
await new Promise((done) => http.listen(0, '127.0.0.1', done));
process.on('disconnect', () => process.exit());
process.send({ ports: { grpc: grpc.address().port, http: http.address().port } });
