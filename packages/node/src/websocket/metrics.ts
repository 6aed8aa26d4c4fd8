import { metrics, ValueType } from '@opentelemetry/api';

/** Counts of one connection, by side and path; they are exact whatever is sampled. */
export function connectionMetrics(side: 'server' | 'client', path: string) {
  // Asked for at each connection: the provider may have come since the last one, and the API gives the same instruments.
  const meter = metrics.getMeter('@unhinged/observability-node');
  const active = meter.createUpDownCounter('unhinged.websocket.connections', {
    unit: '{connection}',
    description: 'Open WebSocket connections',
    valueType: ValueType.INT,
  });
  const duration = meter.createHistogram('unhinged.websocket.connection.duration', {
    unit: 's',
    description: 'How long WebSocket connections were open',
    advice: { explicitBucketBoundaries: [1, 10, 60, 600, 3_600, 14_400, 86_400] },
  });
  const messages = meter.createCounter('unhinged.websocket.messages', {
    unit: '{message}',
    description: 'WebSocket messages',
    valueType: ValueType.INT,
  });
  const bytes = meter.createCounter('unhinged.websocket.bytes', {
    unit: 'By',
    description: 'Payload of WebSocket messages',
    valueType: ValueType.INT,
  });
  const attributes = { side, 'url.path': path };
  const received = { ...attributes, direction: 'receive' };
  const sent = { ...attributes, direction: 'send' };
  const begun = performance.now();
  return {
    opened: () => {
      active.add(1, attributes);
    },
    message: (direction: 'receive' | 'send', size: number) => {
      const which = direction === 'receive' ? received : sent;
      messages.add(1, which);
      bytes.add(size, which);
    },
    closed: (code: number) => {
      active.add(-1, attributes);
      duration.record((performance.now() - begun) / 1_000, {
        ...attributes,
        'unhinged.websocket.close.code': code,
      });
    },
  };
}
