// Proves `npm start`: waits for `ready`, asks every address, finds the demo's requests in a query, then Ctrl-C.
// Run on a clean checkout it also proves that the command needs nothing before it.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { run, start } from './lib/run.mjs';

const OFFSET = 20_000;
const data = mkdtempSync(join(tmpdir(), 'unhinged-start-'));
const child = start('npm', ['start', '--', '--port-offset', String(OFFSET), '--data', data]);
const ended = new Promise((resolve) => child.once('exit', resolve));
const ready = new Promise((resolve, reject) => {
  createInterface({ input: child.stdout }).on('line', (line) => {
    console.log(line);
    if (line.trim() === 'ready') resolve();
  });
  void ended.then((code) => reject(new Error(`npm start ended with ${code} before it was ready`)));
});

async function expectOk(url) {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
  console.log(`ok  ${url}`);
}

try {
  await ready;
  const at = (port, path) => `http://localhost:${port + OFFSET}${path}`;
  for (const url of [
    at(4319, '/'),
    at(3000, '/'),
    at(8082, '/docs'),
    at(8082, '/metrics'),
    at(8889, '/metrics'),
  ]) {
    await expectOk(url);
  }
} finally {
  // To npm alone, as a supervisor does it; a terminal's Ctrl-C reaches the whole group.
  child.kill('SIGINT');
}
const code = await ended;
if (code !== 0) throw new Error(`npm start ended with ${code} after Ctrl-C`);

// As the README has it: the command must be linked, which npm does before anything is built.
const sql = 'select service, count(*) as spans from observability_traces group by all order by all';
const { output } = run('npx', ['--no', 'unhinged', 'query', '--data', data, '--json', sql], { quiet: true });
console.log(output.trim());
rmSync(data, { recursive: true, force: true });
if (!output.includes('"spans"')) throw new Error('the demo left no spans in the lake');
console.log('npm start works');
