export {
  openLake,
  type Lake,
  type LakeCommit,
  type LakeInput,
  type LakeOptions,
  type LakeStats,
} from './lake.js';
export {
  openLakeReader,
  type LakeReader,
  type LakeReaderOptions,
  type QueryOptions,
} from './reader/lake-reader.js';
export { PARTITIONS, TABLES, TABLE_NAMES, type Column, type TableName } from './schema.js';
export type { CommitStep } from './commit/committer.js';
export type { Compression } from './commit/parquet-writer.js';
export type { SkipReason } from './rows/event-rows.js';
