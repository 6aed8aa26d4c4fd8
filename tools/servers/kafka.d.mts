/** A broker on 127.0.0.1; port 0 or none: a free one; an existing `dir` keeps its topics. */
export function start(options?: {
  port?: number;
  dir?: string;
}): Promise<{ port: number; pid: number; stop: () => Promise<void> }>;
