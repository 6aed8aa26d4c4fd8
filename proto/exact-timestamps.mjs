// Post-processing of build.sh: ts-proto turns a Timestamp inside a message into JSON by way of Date, which keeps
// milliseconds only and reads fractions before 1970 wrongly, while its own google.protobuf.Timestamp is exact. This
// points the former at the latter. Usage: node exact-timestamps.mjs FOLDER
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const folder = process.argv[2];
let files = 0;
for (const name of readdirSync(folder, { recursive: true })) {
  if (!name.endsWith('.ts')) continue;
  const path = join(folder, name);
  const source = readFileSync(path, 'utf8');
  const exact = source
    .replace(/\bfromTimestamp\((message\.\w+)\)\.toISOString\(\)/g, 'Timestamp.toJSON($1)')
    .replace(/(?<!function )\bfromJsonTimestamp\(/g, 'Timestamp.fromJSON(');
  if (exact === source) continue;
  writeFileSync(path, exact);
  files++;
}
// Silence here would mean that ts-proto changed its output and that events lose their nanoseconds again.
if (files === 0) {
  console.error(`exact-timestamps: found no Timestamp to rewrite in ${folder}: check ts-proto's output`);
  process.exit(1);
}
