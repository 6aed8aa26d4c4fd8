import { spawn, type ChildProcess } from 'node:child_process';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { SERVER, useHarness } from './testing/harness.js';

const harness = useHarness();

describe('the end of the process', () => {
  let blackHole: Server;
  let blackHoleUrl: string;
  beforeAll(async () => {
    blackHole = createServer();
    await new Promise<void>((resolve) => blackHole.listen(0, '127.0.0.1', resolve));
    blackHoleUrl = `http://127.0.0.1:${(blackHole.address() as AddressInfo).port.toString()}`;
  });
  afterAll(() => {
    blackHole.close();
  });

  test('SIGTERM sends what is pending, then the process dies by SIGTERM', async () => {
    const app = await harness.start('esm-express/app.js', { OTEL_BSP_SCHEDULE_DELAY: '60000' });
    await fetch(`${app.url}/items/1`);
    app.process.kill('SIGTERM');
    expect(await app.ended).toEqual({ code: null, signal: 'SIGTERM' });
    await harness.span('GET /items/:id', SERVER);
  });

  test.each(['grpc', 'http/protobuf'])(
    'a collector that never answers %s delays SIGTERM by 2 s',
    async (protocol) => {
      const app = await harness.start('esm-fastify/app.js', {
        OTEL_EXPORTER_OTLP_ENDPOINT: blackHoleUrl,
        OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
      });
      await fetch(`${app.url}/fail`);
      const started = Date.now();
      app.process.kill('SIGTERM');
      expect(await app.ended).toEqual({ code: null, signal: 'SIGTERM' });
      expect(Date.now() - started).toBeLessThan(6_000);
    },
  );

  test('a host with its own handler, even `once`, decides when and how it ends', async () => {
    const app = await harness.start('programs/own-handler.js', { OTEL_EXPORTER_OTLP_ENDPOINT: blackHoleUrl });
    await fetch(app.url);
    app.process.kill('SIGTERM');
    expect(await app.ended).toEqual({ code: 7, signal: null });
    expect(app.stdout()).toContain('closing');
  });

  test.each(['grpc', 'http/protobuf'])(
    'nor does it hold a script that is over, over %s',
    async (protocol) => {
      const started = Date.now();
      const app = await harness.start('programs/script.js', {
        OTEL_EXPORTER_OTLP_ENDPOINT: blackHoleUrl,
        OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
        OTEL_BLRP_SCHEDULE_DELAY: '60000',
      });
      expect(await app.ended).toEqual({ code: 0, signal: null });
      expect(Date.now() - started).toBeLessThan(8_000);
    },
  );

  test('nor does a script wait for a collector that is not there', async () => {
    const started = Date.now();
    // Nobody listens on port 9 of this machine.
    const app = await harness.start('programs/script.js', {
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9',
      OTEL_BLRP_SCHEDULE_DELAY: '60000',
    });
    expect(await app.ended).toEqual({ code: 0, signal: null });
    expect(Date.now() - started).toBeLessThan(6_000);
  });

  describe('packets are dropped', () => {
    let silent: ChildProcess;
    let silentUrl: string;
    const fillers: Socket[] = [];
    beforeAll(async () => {
      // Its queue of connections is full and it is stopped: Linux drops what else asks for one.
      silent = spawn(process.execPath, [
        '-e',
        "const s = require('net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => process.stdout.write(String(s.address().port)))",
      ]);
      const port = Number(
        await new Promise<Buffer>((resolve) => silent.stdout?.once('data', resolve)).then(String),
      );
      silentUrl = `http://127.0.0.1:${port.toString()}`;
      silent.kill('SIGSTOP');
      for (let index = 0; index < 8; index++) {
        const socket = connect(port, '127.0.0.1');
        socket.on('error', () => undefined);
        fillers.push(socket);
      }
      await new Promise((resolve) => setTimeout(resolve, 300));
      expect(fillers.some(({ connecting }) => connecting)).toBe(true);
    });
    afterAll(() => {
      for (const socket of fillers) socket.destroy();
      silent.kill('SIGKILL');
    });

    test.each(['grpc', 'http/protobuf'])('SIGTERM still ends in time, over %s', async (protocol) => {
      const app = await harness.start('esm-fastify/app.js', {
        OTEL_EXPORTER_OTLP_ENDPOINT: silentUrl,
        OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
      });
      await fetch(`${app.url}/fail`);
      const started = Date.now();
      app.process.kill('SIGTERM');
      expect(await app.ended).toEqual({ code: null, signal: 'SIGTERM' });
      expect(Date.now() - started).toBeLessThan(6_000);
    });

    test.each(['grpc', 'http/protobuf'])('so does a script that is over, over %s', async (protocol) => {
      const started = Date.now();
      const app = await harness.start('programs/script.js', {
        OTEL_EXPORTER_OTLP_ENDPOINT: silentUrl,
        OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
        OTEL_BLRP_SCHEDULE_DELAY: '10',
      });
      expect(await app.ended).toEqual({ code: 0, signal: null });
      expect(Date.now() - started).toBeLessThan(12_000);
    });
  });

  test('an auto-instrumented server that closed its own server is not kept alive', async () => {
    const app = await harness.start('programs/closing-server.js', {
      OTEL_EXPORTER_OTLP_ENDPOINT: blackHoleUrl,
    });
    const started = Date.now();
    await fetch(app.url);
    expect(await app.ended).toEqual({ code: 0, signal: null });
    expect(Date.now() - started).toBeLessThan(8_000);
  });

  test('a script that ends by itself still delivers its lines', async () => {
    const app = await harness.start('programs/script.js', { OTEL_BLRP_SCHEDULE_DELAY: '60000' });
    expect(await app.ended).toEqual({ code: 0, signal: null });
    await harness.log('the script ran');
  });
});
