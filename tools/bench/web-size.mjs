// `npm run bench -- web-size`: what a visitor downloads, bytes after minify and gzip, ours and the peers' by the same tool.
import { installPeers, peers, sizeOf } from './web/bundle.mjs';
import { BUDGETS, ownSizes } from './web/budgets.mjs';
import { PEERS } from './web/pages/index.mjs';

const define = { __OTLP__: '"http://localhost:4318"' };

export async function measure() {
  installPeers();
  const peerSizes = [];
  for (const [name, code] of Object.entries(PEERS)) {
    peerSizes.push({ name, ...(await sizeOf(code, { from: peers, define })) });
  }
  const smallest = peerSizes.reduce((a, b) => (b.total < a.total ? b : a));
  const own = await ownSizes();
  const figures = Object.entries(BUDGETS).map(([key, { title, of, bytes }]) => {
    const value = own[key][of];
    const figure = { name: title, value, unit: 'bytes gzip', goal: `≤ ${bytes}`, met: value <= bytes };
    return key === 'everything'
      ? { ...figure, peer: smallest.name, peerValue: smallest.total, ratio: value / smallest.total }
      : figure;
  });
  figures.push({ name: 'everything, loaded at once', value: own.everything.initial, unit: 'bytes gzip' });
  for (const { name, total } of peerSizes) figures.push({ name, value: total, unit: 'bytes gzip' });
  return figures;
}
