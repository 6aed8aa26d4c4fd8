// Runs the demo: for the `unhinged demo` command, and for tests.
export { startDemo, type Demo } from './runner/start-demo.js';
export { sendSampleTraffic, type SampleTraffic } from './runner/sample-traffic.js';
export type { DemoOptions, DemoPorts } from './runner/options.js';
