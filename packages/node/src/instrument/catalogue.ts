/** One stock instrumentation of `@opentelemetry/instrumentation-<key>`. */
export interface CatalogueEntry {
  /** The class its package exports; null for the one that is ours. */
  className: string | null;
  /** Packages (or modules of Node) it patches. None: it listens to channels or asks Node itself. */
  patches: readonly string[];
  /** Off unless it is switched on by name. */
  off?: true;
}

/**
 * What `@opentelemetry/auto-instrumentations-node` holds, without loading it: 42 packages cost 100 ms at each start, of which an
 * application uses three or four. A test compares this table with the real thing.
 */
export const CATALOGUE: Readonly<Record<string, CatalogueEntry>> = {
  amqplib: { className: 'AmqplibInstrumentation', patches: ['amqplib'] },
  'aws-lambda': { className: 'AwsLambdaInstrumentation', patches: [] },
  'aws-sdk': {
    className: 'AwsInstrumentation',
    patches: [
      '@aws-sdk/middleware-stack',
      '@smithy/middleware-stack',
      '@smithy/core',
      '@aws-sdk/smithy-client',
      '@smithy/smithy-client',
    ],
  },
  bunyan: { className: 'BunyanInstrumentation', patches: ['bunyan'] },
  'cassandra-driver': { className: 'CassandraDriverInstrumentation', patches: ['cassandra-driver'] },
  connect: { className: 'ConnectInstrumentation', patches: ['connect'] },
  cucumber: { className: 'CucumberInstrumentation', patches: ['@cucumber/cucumber'] },
  dataloader: { className: 'DataloaderInstrumentation', patches: ['dataloader'] },
  // dns, fs and net cost a span per call and tell little.
  dns: { className: 'DnsInstrumentation', patches: ['dns', 'dns/promises'], off: true },
  express: { className: 'ExpressInstrumentation', patches: ['express'] },
  fs: { className: 'FsInstrumentation', patches: ['fs', 'fs/promises'], off: true },
  'generic-pool': { className: 'GenericPoolInstrumentation', patches: ['generic-pool'] },
  graphql: { className: 'GraphQLInstrumentation', patches: ['graphql'] },
  grpc: { className: 'GrpcInstrumentation', patches: ['@grpc/grpc-js'] },
  hapi: { className: 'HapiInstrumentation', patches: ['@hapi/hapi'] },
  'host-metrics': { className: 'HostMetricsInstrumentation', patches: [], off: true },
  http: { className: 'HttpInstrumentation', patches: ['https', 'http'] },
  ioredis: { className: 'IORedisInstrumentation', patches: ['ioredis'] },
  kafkajs: { className: 'KafkaJsInstrumentation', patches: ['kafkajs'] },
  knex: { className: 'KnexInstrumentation', patches: ['knex'] },
  koa: { className: 'KoaInstrumentation', patches: ['koa'] },
  'lru-memoizer': { className: 'LruMemoizerInstrumentation', patches: ['lru-memoizer'] },
  memcached: { className: 'MemcachedInstrumentation', patches: ['memcached'] },
  mongodb: { className: 'MongoDBInstrumentation', patches: ['mongodb'] },
  mongoose: { className: 'MongooseInstrumentation', patches: ['mongoose'] },
  mysql2: { className: 'MySQL2Instrumentation', patches: ['mysql2'] },
  mysql: { className: 'MySQLInstrumentation', patches: ['mysql'] },
  'nestjs-core': { className: 'NestInstrumentation', patches: ['@nestjs/core'] },
  net: { className: 'NetInstrumentation', patches: ['net'], off: true },
  openai: { className: 'OpenAIInstrumentation', patches: ['openai'] },
  oracledb: { className: 'OracleInstrumentation', patches: ['oracledb'] },
  pg: { className: 'PgInstrumentation', patches: ['pg', 'pg-pool'] },
  pino: { className: 'PinoInstrumentation', patches: ['pino'] },
  // Two instrumentations inside, which patch these.
  redis: { className: 'RedisInstrumentation', patches: ['redis', '@redis/client', '@node-redis/client'] },
  restify: { className: 'RestifyInstrumentation', patches: ['restify'] },
  // Express 5 is built on the package `router`: with both on, every layer has two spans.
  router: { className: 'RouterInstrumentation', patches: ['router'], off: true },
  'runtime-node': { className: 'RuntimeNodeInstrumentation', patches: [] },
  'socket.io': { className: 'SocketIoInstrumentation', patches: ['socket.io'] },
  tedious: { className: 'TediousInstrumentation', patches: ['tedious'] },
  undici: { className: 'UndiciInstrumentation', patches: [] },
  winston: { className: 'WinstonInstrumentation', patches: ['winston'] },
  ws: { className: null, patches: ['ws'] },
};

export const PACKAGE_PREFIX = '@opentelemetry/instrumentation-';
