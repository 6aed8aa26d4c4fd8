import { Command } from 'commander';
import { checkBridge } from '../doctor/bridge.js';
import { checkEnvironment, checkNode } from '../doctor/environment.js';
import { checkData, checkPolicy } from '../doctor/files.js';
import type { Finding } from '../doctor/finding.js';
import { DEFAULT_DATA, wholeNumber } from '../options.js';
import { shiftedPorts } from '../ports/ports.js';

interface DoctorOptions {
  data: string;
  host: string;
  portOffset: number;
  policy?: string;
  json?: boolean;
}

export function doctorCommand(): Command {
  return new Command('doctor')
    .description('Look for what is wrong: Node, ports, bridge, data folder, environment, policy.')
    .option('--data <dir>', 'folder that `unhinged up` is to use', DEFAULT_DATA)
    .option('--host <address>', 'address that `unhinged up` listens on', '127.0.0.1')
    .option('--port-offset <n>', 'the offset `unhinged up` runs with', wholeNumber(0, 50_000), 0)
    .option('--policy <file>', 'policy file to check')
    .option('--json', 'one JSON object for each finding')
    .addHelpText(
      'after',
      `
When a bridge runs, a span of the service unhinged-doctor goes in over HTTP and over gRPC and is looked for at the console.
Exit codes: 0 nothing is broken, 1 something is, 2 bad input.

Examples:
  $ unhinged doctor
  $ unhinged doctor --json | jq 'select(.status == "fail")'`,
    )
    .action(doctor);
}

async function doctor(options: DoctorOptions): Promise<void> {
  const findings = [
    checkNode(process.versions.node),
    ...(await checkBridge(options.host, shiftedPorts(options.portOffset))),
    checkData(options.data),
    ...checkPolicy(options.policy),
    ...checkEnvironment(process.env),
  ];
  for (const finding of findings) console.log(options.json ? JSON.stringify(finding) : line(finding));
  const broken = findings.filter(({ status }) => status === 'fail').length;
  if (!options.json) {
    console.log(
      broken === 0
        ? '\nNothing is broken.'
        : `\n${broken} ${broken === 1 ? 'thing is' : 'things are'} broken.`,
    );
  }
  if (broken > 0) process.exitCode = 1;
}

const MARKS = { ok: '✓', info: '·', warn: '!', fail: '✗' };

function line({ check, status, message, fix }: Finding): string {
  return `${MARKS[status]} ${check.padEnd(12)} ${message}${fix === undefined ? '' : `\n    → ${fix}`}`;
}
