/** One thing the doctor looked at. */
export interface Finding {
  check: string;
  /** `ok` as it should be, `info` worth knowing, `warn` probably not meant, `fail` broken. */
  status: 'ok' | 'info' | 'warn' | 'fail';
  message: string;
  /** What to do about it. */
  fix?: string;
}
