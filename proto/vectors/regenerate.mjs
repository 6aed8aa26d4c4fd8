// Renews the golden vectors beside this script after a NAME.json was added or edited: writes NAME.hex with the bytes
// and rewrites NAME.json in canonical form. Both come from buf (protobuf-go), so that the language under test never
// writes its own expectations. `npm ci` first, then: node proto/vectors/regenerate.mjs
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url));
const buf = fileURLToPath(new URL('../../node_modules/.bin/buf', import.meta.url));

/** Message type of a folder: log-event holds unhinged.observability.v1.LogEvent. */
const typeOf = (folder) =>
  `unhinged.observability.v1.${folder.replace(/(^|-)([a-z])/g, (_match, _dash, letter) => letter.toUpperCase())}`;

/**
 * Hex in lines of 32 bytes, so that a changed field is a changed line. Go alone writes NaN with a payload
 * (7ff8000000000001); the vectors hold the plain quiet NaN of JavaScript, Java and Rust.
 */
const hexLines = (bytes) => {
  const hex = bytes.toString('hex').replaceAll('010000000000f87f', '000000000000f87f');
  return (hex.match(/.{1,64}/g) ?? []).map((line) => `${line}\n`).join('');
};

const scratch = mkdtempSync(join(tmpdir(), 'vectors-'));
try {
  const image = join(scratch, 'image.binpb');
  execFileSync(buf, ['build', '-o', image], { cwd: join(here, '..') });
  const convert = (type, from, to) =>
    execFileSync(buf, ['convert', image, '--type', type, '--from', from, '--to', to]);

  const folders = readdirSync(here, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  for (const folder of folders.map((entry) => entry.name)) {
    const type = typeOf(folder);
    for (const file of readdirSync(join(here, folder)).filter((name) => name.endsWith('.json'))) {
      const path = join(here, folder, file);
      const bytes = convert(type, path, '-#format=binpb');
      const binary = join(scratch, 'message.binpb');
      writeFileSync(binary, bytes);
      const json = JSON.parse(convert(type, binary, '-#format=json').toString());
      writeFileSync(path, `${JSON.stringify(json, null, 2)}\n`);
      writeFileSync(path.replace(/json$/, 'hex'), hexLines(bytes));
      console.log(`${folder}/${file} ${bytes.length} bytes`);
    }
  }
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
