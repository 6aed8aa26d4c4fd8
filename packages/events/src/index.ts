export type { EventRecord, EventTransport, SendResult } from './transport.js';
