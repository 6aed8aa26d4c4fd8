import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';

/**
 * Runs `start` when the file is the program: `node tools/servers/redis.mjs [--port N] [--dir FOLDER]`. Prints one line
 * of JSON on stdout, `{"name","port","pid"}`, once the server answers; stops it on SIGTERM, SIGINT, and, with
 * `--until-stdin-ends`, when whoever started this program is gone.
 */
export async function runAsCommand(moduleUrl, name, start) {
  if (moduleUrl !== pathToFileURL(process.argv[1] ?? '').href) return;
  let server;
  try {
    const { values } = parseArgs({
      options: {
        port: { type: 'string' },
        dir: { type: 'string' },
        'until-stdin-ends': { type: 'boolean', default: false },
      },
    });
    server = await start({ port: portOf(values.port), dir: values.dir });
    console.log(JSON.stringify({ name, port: server.port, pid: server.pid }));
    await new Promise((resolve) => {
      process.once('SIGTERM', resolve);
      process.once('SIGINT', resolve);
      if (values['until-stdin-ends']) process.stdin.resume().once('end', resolve);
      else setInterval(() => undefined, 1 << 30);
    });
    await server.stop();
    process.exit(0);
  } catch (error) {
    console.error(`${name}: ${error.message}`);
    await server?.stop();
    process.exit(1);
  }
}

function portOf(text) {
  if (text === undefined) return undefined;
  const port = Number(text);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  throw new Error(`--port must be a whole number from 0 to 65535, got '${text}'`);
}
