export interface StackOptions {
  /** For data, records of the processes, and logs. */
  dir: string;
  /** Added to every port. Default 0. */
  offset?: number;
  /** What the servers see. Default: this process's environment. */
  env?: NodeJS.ProcessEnv;
  say?: (line: string) => void;
}

export interface Stack {
  up(names: readonly string[]): Promise<Status>;
  down(names?: readonly string[]): Promise<void>;
  kill(name: string): Promise<void>;
  status(): Status;
  port(server: string, name: string): number;
}

export type Status = Record<string, { pid: number | undefined; ports: Record<string, number>; log: string }>;

export const serverNames: readonly string[];
export function openStack(options: StackOptions): Stack;
