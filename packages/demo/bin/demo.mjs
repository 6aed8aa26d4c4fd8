#!/usr/bin/env node
// The demo by itself, beside a system that already runs. Ports and addresses come from the environment; see the README.
import { sendSampleTraffic, startDemo } from '../dist/index.js';

const number = (name) => (process.env[name] ? Number(process.env[name]) : undefined);

try {
  const demo = await startDemo({
    ports: {
      web: number('DEMO_WEB_PORT'),
      gateway: number('DEMO_GATEWAY_PORT'),
      backend: number('DEMO_BACKEND_PORT'),
    },
    otlp: { grpc: process.env.DEMO_OTLP_GRPC, http: process.env.DEMO_OTLP_HTTP },
    console: process.env.DEMO_CONSOLE,
  });
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => void demo.stop());
  await sendSampleTraffic({ gateway: demo.urls.gateway });
  console.log(`\nchat  ${demo.urls.web}\ndocs  ${demo.urls.docs}\nready`);
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
