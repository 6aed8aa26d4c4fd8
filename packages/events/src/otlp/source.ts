import {
  partitionInfo,
  structFromKeyValues,
  toEventResource,
  type LogLevel,
  type SafeObject,
} from '@unhinged/observability-core';
import { PartitionInfo, Resource as EventResource } from '@unhinged/observability-proto';
import { Resource } from '@unhinged/observability-proto/otlp';
import { epochMs } from './event-time.js';

/** Who sent the items of one resource group: decoded and encoded once for all of them. */
export class Source {
  readonly attributes: SafeObject;
  readonly resource: EventResource;
  /** `resource`, encoded. */
  readonly encoded: Uint8Array;
  /** Record key of items without a trace: `service/instance`. */
  readonly key: string;
  #hour = -1;
  #partition = new Uint8Array();

  /** @param resource Encoded OTLP Resource. */
  constructor(resource: Uint8Array) {
    this.attributes = structFromKeyValues(Resource.decode(resource).attributes);
    this.resource = toEventResource(this.attributes);
    this.encoded = EventResource.encode(this.resource).finish();
    const instance = this.attributes['service.instance.id'];
    const service = this.resource.serviceName;
    this.key = typeof instance === 'string' && instance !== '' ? `${service}/${instance}` : service;
  }

  partition(nano: bigint, level?: LogLevel, custom?: Record<string, string>): PartitionInfo {
    return partitionInfo({ epochMs: epochMs(nano), service: this.resource.serviceName, level, custom });
  }

  /** {@link partition} without a level, encoded; items of one request mostly share the hour. */
  encodedPartition(nano: bigint): Uint8Array {
    const hour = Math.floor(epochMs(nano) / 3_600_000);
    if (hour !== this.#hour) {
      this.#hour = hour;
      this.#partition = Uint8Array.from(PartitionInfo.encode(this.partition(nano)).finish());
    }
    return this.#partition;
  }
}
