export interface KafkaServer {
  port: number;
  pid: number;
  /** With `secure`: SASL/PLAIN. */
  saslPort?: number;
  /** With `secure`: TLS with SASL/SCRAM-SHA-512. */
  tlsPort?: number;
  /** With `secure`: the certificate to trust, PEM. */
  ca?: string;
  stop: () => Promise<void>;
}

/**
 * A broker on 127.0.0.1; port 0 or none: a free one; an existing `dir` keeps its topics; `advertise`: the port that clients are sent
 * to, of a proxy in between; `secure`: listeners with these credentials.
 */
export function start(options?: {
  port?: number;
  dir?: string;
  advertise?: number;
  secure?: { user: string; password: string };
}): Promise<KafkaServer>;
