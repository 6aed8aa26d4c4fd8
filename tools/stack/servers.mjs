// The servers of the stack with their ports, in the order in which they start. How each is made and run: tools/servers.
import * as alertmanager from '../servers/alertmanager.mjs';
import * as bridge from '../servers/bridge.mjs';
import * as collector from '../servers/collector.mjs';
import * as flink from '../servers/flink.mjs';
import * as jaeger from '../servers/jaeger.mjs';
import * as kafka from '../servers/kafka.mjs';
import * as prometheus from '../servers/prometheus.mjs';
import * as redis from '../servers/redis.mjs';
import * as s3 from '../servers/s3.mjs';

/** `shown`: the ports that people and programs open. Where two servers want one port, the second has 10,000 more, the third 20,000. */
export const servers = {
  redis: { ports: { redis: 6379 }, shown: { redis: 'redis' }, prepare: redis.prepare },
  s3: { ports: { http: 9000 }, shown: { http: 'http' }, prepare: s3.prepare },
  kafka: { ports: { broker: 9092, controller: 9095 }, shown: { broker: 'kafka' }, prepare: kafka.prepare },
  jaeger: {
    ports: { query: 16_686, queryGrpc: 16_685, otlp: 14_317, health: 13_134 },
    shown: { query: 'http', otlp: 'OTLP/gRPC' },
    prepare: jaeger.prepare,
  },
  alertmanager: { ports: { http: 9093 }, shown: { http: 'http' }, prepare: alertmanager.prepare },
  collector: {
    ports: { grpc: 4317, http: 4318, prometheus: 8889, own: 8888, health: 13_133 },
    shown: {
      grpc: 'OTLP/gRPC',
      http: 'OTLP/HTTP',
      prometheus: 'metrics of the apps',
      own: 'its own metrics',
    },
    prepare: collector.prepare,
  },
  bridge: {
    ports: { console: 4319, prometheus: 18_889, grpc: 24_317, http: 24_318 },
    shown: { console: 'console', prometheus: 'metrics' },
    prepare: bridge.prepare,
  },
  prometheus: { ports: { http: 9090 }, shown: { http: 'http' }, prepare: prometheus.prepare },
  'flink-jobmanager': {
    ports: { rest: 8081, rpc: 6123, metrics: 9249 },
    shown: { rest: 'http' },
    prepare: flink.prepareJobManager,
  },
  'flink-taskmanager': { ports: { metrics: 19_249 }, shown: {}, prepare: flink.prepareTaskManager },
};

/** Names that stand for several servers. */
export const groups = { flink: ['flink-jobmanager', 'flink-taskmanager'] };
