import { readFileSync, statSync, watch, type FSWatcher } from 'node:fs';
import { dirname } from 'node:path';
import { ObservabilityError, parsePolicy, type Policy } from '@unhinged/observability-core';

/**
 * Reads and checks a policy file.
 *
 * @throws ObservabilityError `bad_policy`, naming the file and, within it, the path of the wrong value.
 */
export function readPolicyFile(path: string): Policy {
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new ObservabilityError(
      'bad_policy',
      `${path}: cannot be read as JSON: ${(error as Error).message}`,
      {
        cause: error,
      },
    );
  }
  try {
    return parsePolicy(json);
  } catch (error) {
    throw new ObservabilityError('bad_policy', `${path}: ${(error as Error).message}`, { cause: error });
  }
}

export interface PolicyFileEvents {
  onPolicy(policy: Policy): void;
  /** The file is gone, cannot be read or makes no sense; the policy before stays. */
  onProblem(error: Error): void;
}

/**
 * Tells of the content of a policy file at once, and of each new content until the returned function is called. Watches the folder, not the file: editors
 * and Kubernetes replace a file by renaming another one over it, which ends a watch of the file itself. A poll covers file
 * systems that announce nothing (NFS, some container mounts). Keeps no process alive.
 */
export function watchPolicyFile(
  path: string,
  events: PolicyFileEvents,
  { debounceMs = 100, pollMs = 5_000 } = {},
): () => void {
  let seen: string | undefined;
  let pending: NodeJS.Timeout | undefined;
  const look = () => {
    const now = fingerprint(path);
    if (now === seen) return;
    seen = now;
    try {
      events.onPolicy(readPolicyFile(path));
    } catch (error) {
      events.onProblem(error as Error);
    }
  };
  const lookSoon = () => {
    // A file being written changes several times; what counts is where it comes to rest.
    clearTimeout(pending);
    pending = setTimeout(look, debounceMs);
    pending.unref();
  };
  const watcher = watchFolder(dirname(path), lookSoon);
  look();
  const poll = setInterval(look, pollMs);
  poll.unref();
  return () => {
    clearTimeout(pending);
    clearInterval(poll);
    watcher?.close();
  };
}

function watchFolder(folder: string, onChange: () => void): FSWatcher | undefined {
  try {
    const watcher = watch(folder, { persistent: false }, onChange);
    // The folder went away, or the system has no watches left: the poll goes on.
    watcher.on('error', () => {
      watcher.close();
    });
    return watcher;
  } catch {
    return undefined;
  }
}

function fingerprint(path: string): string {
  try {
    const { ino, size, mtimeMs } = statSync(path);
    return `${ino.toString()} ${size.toString()} ${mtimeMs.toString()}`;
  } catch {
    return 'absent';
  }
}
