// Feeds sequences 1 to N into a lake, from where the lake says it is, as a reader of a journal does. Kills itself at a step.
import { openLake } from '../lake.js';
import { logInput, metricInput, spanInput } from './events.js';

const [dir = '', last = '0', step = '', occurrence = '1'] = process.argv.slice(2);
let left = Number(occurrence);

const lake = await openLake({
  dir,
  flushRows: 60,
  onStep: (reached) => {
    if (reached === step && --left === 0) process.kill(process.pid, 'SIGKILL');
  },
});
console.log('open');
let sequence = lake.committed;
while (sequence < Number(last)) {
  const inputs = [];
  while (inputs.length < 20 && sequence < Number(last)) {
    sequence++;
    const id = { resource: { serviceName: `service-${(sequence % 4).toString()}` } };
    const make = [logInput, spanInput, metricInput][sequence % 3] ?? logInput;
    inputs.push(make(sequence, { ...id, sequenceNumber: BigInt(sequence) }));
  }
  await lake.append(inputs);
}
await lake.close();
