/** Records of one partition, encoded. */
export interface PartitionBatch {
  topic: string;
  partition: number;
  batch: Buffer;
}

const ALL_IN_SYNC = -1;

/**
 * Body of a produce request, versions 3 to 8, of which the ones that we can meet have the same fields:
 * https://kafka.apache.org/protocol.html#The_Messages_Produce. Not part of a transaction; `acks: -1`.
 *
 * @param timeoutMs for which the leader waits for the other in-sync replicas
 */
export function encodeProduceRequest(batches: readonly PartitionBatch[], timeoutMs: number): Buffer {
  const topics = new Map<string, PartitionBatch[]>();
  for (const batch of batches) topics.set(batch.topic, [...(topics.get(batch.topic) ?? []), batch]);
  const parts = [int16(-1), int16(ALL_IN_SYNC), int32(timeoutMs), int32(topics.size)];
  for (const [topic, partitions] of topics) {
    const name = Buffer.from(topic);
    parts.push(int16(name.length), name, int32(partitions.length));
    for (const { partition, batch } of partitions) parts.push(int32(partition), int32(batch.length), batch);
  }
  return Buffer.concat(parts);
}

function int16(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(2);
  bytes.writeInt16BE(value);
  return bytes;
}

function int32(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(4);
  bytes.writeInt32BE(value);
  return bytes;
}
