// An S3 server whose objects are files: versitygw from its Go module.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

import { answers } from './lib/child.mjs';
import { goPrograms } from './lib/go.mjs';

const VERSION = 'v1.8.0';
const BUCKETS = ['unhinged-checkpoints', 'unhinged-data-lake', 'unhinged-jars'];

/** Who may read and write, unless the environment says otherwise. Good for loopback and nothing else. */
export const s3Credentials = (env = process.env) => ({
  accessKey: env.S3_ACCESS_KEY ?? 'unhinged',
  secretKey: env.S3_SECRET_KEY ?? 'unhinged-development',
});

/** The program's path. */
export const installS3 = async () =>
  join(
    await goPrograms('versitygw', 'github.com/versity/versitygw', VERSION, ['cmd/versitygw']),
    'versitygw',
  );

export async function prepare({ dir, ports, env }) {
  const { accessKey, secretKey } = s3Credentials(env);
  const [data, sidecar] = [join(dir, 'data'), join(dir, 'sidecar')];
  for (const folder of [data, sidecar]) mkdirSync(folder, { recursive: true });
  // Buckets of a posix gateway are folders; Compose makes the same.
  for (const bucket of BUCKETS) mkdirSync(join(data, bucket), { recursive: true });
  return {
    program: await installS3(),
    args: [
      ...['--port', `127.0.0.1:${ports.http}`, '--health', '/health'],
      ...['posix', '--sidecar', sidecar, data],
    ],
    cwd: dir,
    env: { ...env, ROOT_ACCESS_KEY: accessKey, ROOT_SECRET_KEY: secretKey },
    isReady: () => answers(`http://127.0.0.1:${ports.http}/health`),
  };
}
