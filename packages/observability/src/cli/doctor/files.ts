import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { userInfo } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { parsePolicy } from '@unhinged/observability-core';
import { messageOf } from '../failure.js';
import { readJson } from '../options.js';
import type { Finding } from './finding.js';

/** Whether `unhinged up` could use the data folder. */
export function checkData(data: string): Finding {
  const check = 'data';
  const dir = resolve(data);
  if (!existsSync(dir)) {
    const parent = nearestExisting(dir);
    return isUsable(parent)
      ? { check, status: 'ok', message: `${dir} does not exist yet; \`unhinged up\` makes it.` }
      : {
          check,
          status: 'fail',
          message: `${dir} does not exist and cannot be made in ${parent}.`,
          fix: 'Choose another folder with --data.',
        };
  }
  const { uid, ...stat } = statSync(dir);
  if (!statSync(dir).isDirectory()) {
    return { check, status: 'fail', message: `${dir} is not a folder.`, fix: 'Choose another with --data.' };
  }
  const me = userInfo();
  const owner = uid === me.uid ? me.username : `user ${uid}`;
  const parts = ['journal', 'lake', 'state']
    .map((name) => join(dir, name))
    .filter((path) => existsSync(path));
  const unusable = [dir, ...parts].find((path) => !isUsable(path));
  if (unusable === undefined) {
    return {
      check,
      status: 'ok',
      message: `${dir}, owned by ${owner} (mode ${(stat.mode & 0o777).toString(8)})`,
    };
  }
  return {
    check,
    status: 'fail',
    message: `${unusable} cannot be read and written by ${me.username}; ${dir} is owned by ${owner}.`,
    fix: `Run as its owner, or: sudo chown -R ${me.username} ${dir}`,
  };
}

/** Whether a policy file is one. */
export function checkPolicy(file: string | undefined): Finding[] {
  if (file === undefined) return [];
  try {
    parsePolicy(readJson(file));
    return [{ check: 'policy', status: 'ok', message: `${file} is a valid policy.` }];
  } catch (error) {
    return [
      {
        check: 'policy',
        status: 'fail',
        message: `${file}: ${messageOf(error)}`,
        fix: 'Correct the value at that path.',
      },
    ];
  }
}

function isUsable(path: string): boolean {
  try {
    accessSync(path, constants.R_OK | constants.W_OK | constants.X_OK);
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

function nearestExisting(path: string): string {
  return existsSync(path) ? path : nearestExisting(dirname(path));
}
