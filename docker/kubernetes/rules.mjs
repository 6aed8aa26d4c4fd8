// Writes base/rules.yaml, the PrometheusRule of the operator, from docker/prometheus/rules: `node docker/kubernetes/rules.mjs`.
// With --check it only says whether the file is up to date.
import { readFileSync, writeFileSync } from 'node:fs';

const groups = ['recording', 'alerts'].map((name) => {
  const text = readFileSync(new URL(`../prometheus/rules/${name}.yml`, import.meta.url), 'utf8');
  return text.slice(text.indexOf('groups:\n') + 'groups:\n'.length).replace(/^(?=.)/gm, '  ');
});
const text = `# Made by docker/kubernetes/rules.mjs from docker/prometheus/rules.
apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
metadata:
  name: unhinged
spec:
  groups:
${groups.join('')}`;
const file = new URL('base/rules.yaml', import.meta.url);
if (!process.argv.includes('--check')) {
  writeFileSync(file, text);
} else if (readFileSync(file, 'utf8') !== text) {
  console.error('docker/kubernetes/base/rules.yaml is not what docker/kubernetes/rules.mjs makes');
  process.exitCode = 1;
}
