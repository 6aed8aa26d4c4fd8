// Programs built from Go modules, once per machine and version. The module proxy checks what it gives; nothing is vendored.
import { spawn } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';

import { cached } from './cache.mjs';

export const goEnvironment = {
  ...process.env,
  CGO_ENABLED: '0',
  GOTOOLCHAIN: 'local',
  // Nobody debugs these programs and they are never busy: without debug information and inlining they are built in two thirds of the time.
  // The same for all, so that what they share is compiled once.
  GOFLAGS: `-buildvcs=false '-gcflags=all=-dwarf=false -l'`,
};

/**
 * The folder that holds the programs of `packages`, commands of one module at one version. They are built inside a module of
 * their own because `go install` refuses modules with replace directives. `missing` are files, path to content, that the
 * module needs and its archive lacks.
 */
export function goPrograms(name, module, version, packages, { tags = '', missing } = {}) {
  return cached(`${name}-${version}`, async (folder) => {
    const work = join(folder, 'work');
    mkdirSync(work);
    await go(['mod', 'init', 'unhinged/servers'], work);
    const paths = packages.map((each) => posix.join(module, each));
    // With the tags: what they leave out need not be fetched.
    await go(['get', `-tags=${tags}`, '-tool', ...paths.map((each) => `${each}@${version}`)], work);
    if (missing !== undefined) await complete(work, module, missing);
    for (const each of paths) {
      await goBuild(work, each, { tags, output: `${folder}/` });
    }
    rmSync(work, { recursive: true });
  });
}

/** Compiles a command of the module in `folder`; modules that its go.mod does not name yet are looked up. */
export const goBuild = (folder, name, { tags = '', output }) =>
  go(['build', '-mod=mod', '-trimpath', '-ldflags=-s -w', `-tags=${tags}`, '-o', output, name], folder);

/** Lets the build use a copy of the module that has the missing files. */
async function complete(work, module, missing) {
  const source = await go(['list', '-m', '-f', '{{.Dir}}', module], work);
  const copy = join(work, 'module');
  // Not cpSync: what the module cache holds is read-only, folders included.
  await command('cp', ['-r', '--no-preserve=mode', source.trim(), copy]);
  for (const [path, content] of Object.entries(missing)) {
    mkdirSync(dirname(join(copy, path)), { recursive: true });
    writeFileSync(join(copy, path), content);
  }
  await go(['mod', 'edit', `-replace=${module}=./module`], work);
}

/** Runs `go` with low priority: a build takes minutes of every core. */
export const go = (args, cwd) => command('nice', ['-n', '19', 'go', ...args], { cwd, env: goEnvironment });

/** Runs a program to its end and gives its stdout; rejects with the end of all it said when it fails. */
export function command(program, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    let stdout = '';
    let said = '';
    const keep = (chunk) => (said = (said + chunk).slice(-4_000));
    child.stdout.on('data', (chunk) => {
      stdout += chunk;
      keep(chunk);
    });
    child.stderr.on('data', keep);
    child.once('error', reject);
    child.once('close', (code) => {
      if (code === 0) resolve(stdout);
      else reject(new Error(`${program} ${args.join(' ')} ended with ${code}:\n${said}`));
    });
  });
}
