export interface DemoOptions {
  /** Default web 3000, gateway 8082, backend 8083. */
  ports?: Partial<DemoPorts>;
  /** Where telemetry goes: base addresses. Default `http://localhost:4317` and `http://localhost:4318`. */
  otlp?: { grpc?: string; http?: string };
  /** Address of the console page, for links to traces. Default `http://localhost:4319`. */
  console?: string;
  /** Receives every line of the tiers, as `gateway | …`. Default: stderr, because stdout belongs to results. */
  output?: (line: string) => void;
  /** Environment of the tiers. Default: this process's. */
  env?: NodeJS.ProcessEnv;
  /** How long a tier may take until it answers. Default 60,000. */
  startTimeoutMs?: number;
}

export interface DemoPorts {
  web: number;
  gateway: number;
  backend: number;
}

export interface DemoSettings extends Required<Omit<DemoOptions, 'ports' | 'otlp'>> {
  ports: DemoPorts;
  otlp: { grpc: string; http: string };
}

/** @throws TypeError that names the option, what was expected and what was given. */
export function resolveOptions(options: DemoOptions): DemoSettings {
  const { ports = {}, otlp = {} } = options;
  return {
    ports: {
      web: port('ports.web', ports.web ?? 3000),
      gateway: port('ports.gateway', ports.gateway ?? 8082),
      backend: port('ports.backend', ports.backend ?? 8083),
    },
    otlp: {
      grpc: address('otlp.grpc', otlp.grpc ?? 'http://localhost:4317'),
      http: address('otlp.http', otlp.http ?? 'http://localhost:4318'),
    },
    console: address('console', options.console ?? 'http://localhost:4319'),
    output:
      options.output ??
      ((line) => {
        console.error(line);
      }),
    env: options.env ?? process.env,
    startTimeoutMs: options.startTimeoutMs ?? 60_000,
  };
}

function port(name: string, value: number): number {
  if (Number.isInteger(value) && value >= 1 && value <= 65_535) return value;
  throw new TypeError(`startDemo: ${name}: expected a port from 1 to 65535, got ${String(value)}`);
}

function address(name: string, value: string): string {
  if (/^https?:\/\//.test(value) && URL.canParse(value)) return value.replace(/\/+$/, '');
  throw new TypeError(
    `startDemo: ${name}: expected an address such as http://localhost:4317, got '${value}'`,
  );
}
