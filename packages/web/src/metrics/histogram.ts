/** What a histogram is called and how it is cut. */
export interface HistogramSpec {
  kind: 'histogram';
  name: string;
  unit: string;
  description?: string;
  /** Upper bounds of the buckets, ascending. */
  bounds: readonly number[];
}

/** Bucket bounds in seconds, from the semantic conventions for `http.client.request.duration`. */
const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

/** Requests of the page: how many, how many of them failed (`error.type`), how long they took. Recorded before any sampling. */
export const REQUEST_DURATION: HistogramSpec = {
  kind: 'histogram',
  name: 'http.client.request.duration',
  unit: 's',
  description: 'Duration of HTTP client requests.',
  bounds: SECONDS,
};
