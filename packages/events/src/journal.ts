export { Journal, type JournalStats } from './journal/journal.js';
export { journalTransport } from './journal/journal-transport.js';
export { decodeRecord, encodeRecord } from './journal/record-codec.js';
export type { JournalCursor } from './journal/cursor.js';
export type { JournalOptions } from './journal/options.js';
export type { JournalRecord } from './journal/format.js';
export type { ReadOptions } from './journal/reader.js';
export {
  listJournal,
  readJournal,
  verifyJournal,
  type JournalListing,
  type SegmentListing,
  type SegmentReport,
} from './journal/inspect.js';
export { recordToJson, type RecordJson } from './journal/record-json.js';
