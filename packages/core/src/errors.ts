/**
 * The one error class of our packages. `code` is stable and meant for programs, `message` for people: it names what was
 * wrong, where, and what to do.
 */
export class ObservabilityError extends Error {
  override readonly name = 'ObservabilityError';
  readonly code: string;

  constructor(code: string, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}
