import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';

import { startChild } from './child.js';

const folder = mkdtempSync(`${tmpdir()}/demo-child-`);
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** Starts Node with a script; `printed` resolves when a line fits. */
function start(script: string) {
  const lines: string[] = [];
  const waiting = new Set<() => void>();
  const child = startChild(['-e', script], {
    name: 'tier',
    cwd: folder,
    env: process.env,
    output: (line) => {
      lines.push(line);
      for (const check of waiting) check();
    },
  });
  const printed = (wanted: string) =>
    new Promise<void>((resolve) => {
      const check = () => {
        if (lines.includes(wanted)) resolve();
      };
      waiting.add(check);
      check();
    });
  return { child, lines, printed };
}

it('passes on both outputs with the name in front, and how the process ended', async () => {
  const { child, lines } = start('console.log("out"); console.error("err"); process.exitCode = 3');
  expect(await child.gone).toBe('code 3');
  expect(child.ended()).toBe('code 3');
  expect(lines.sort()).toEqual(['tier | err', 'tier | out']);
});

it('stops with SIGTERM', async () => {
  const { child, printed } = start('setInterval(() => {}, 1000); console.log("up")');
  await printed('tier | up');
  expect(child.ended()).toBeUndefined();
  await child.stop();
  expect(await child.gone).toBe('signal SIGTERM');
});

it('kills what does not listen to SIGTERM', async () => {
  const { child, printed } = start(
    'process.on("SIGTERM", () => console.log("no")); setInterval(() => {}, 1000); console.log("up")',
  );
  await printed('tier | up');
  await child.stop();
  expect(await child.gone).toBe('signal SIGKILL');
}, 20_000);
