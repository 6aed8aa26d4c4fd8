export interface SampleTraffic {
  requests: number;
  /** Requests that were not answered with 2xx; some of the sample fail on purpose. */
  failed: number;
}

const authors = ['Ada', 'Grace', 'Edsger', 'Barbara'];
const texts = [
  'Good morning!',
  'Did the release go out?',
  'It did. Latency looks good.',
  'One export failed, have a look at the trace.',
  'Found it, the archive is read-only.',
];

/**
 * Sends a few requests through a running demo, so that there is something to look at: mostly messages and lists, one search
 * and one failing export in every ten. One after the other.
 *
 * @throws Error when the gateway does not answer at all.
 */
export async function sendSampleTraffic(of: { gateway: string; count?: number }): Promise<SampleTraffic> {
  const { gateway, count = 20 } = of;
  const result: SampleTraffic = { requests: 0, failed: 0 };
  for (let index = 0; index < count; index++) {
    const { path, body } = requestAt(index);
    const answer = await fetch(`${gateway}/api/rooms/lobby/${path}`, {
      ...(body && {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }),
      signal: AbortSignal.timeout(15_000),
    }).catch((cause: unknown) => {
      throw new Error(`The demo's gateway does not answer at ${gateway}.`, { cause });
    });
    await answer.arrayBuffer();
    result.requests++;
    if (!answer.ok) result.failed++;
  }
  return result;
}

function requestAt(index: number): { path: string; body?: Record<string, string> } {
  switch (index % 10) {
    case 4:
      return { path: 'search?query=latency' };
    case 7:
      return { path: 'export', body: { format: 'EXPORT_FORMAT_JSON' } };
    case 1:
    case 5:
    case 9:
      return { path: 'messages?limit=20' };
    default: {
      const author = authors[index % authors.length] ?? 'Ada';
      return { path: 'messages', body: { author, text: texts[index % texts.length] ?? 'Hello' } };
    }
  }
}
