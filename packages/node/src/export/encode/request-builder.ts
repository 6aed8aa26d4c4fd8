import type { InstrumentationScope } from '@opentelemetry/core';
import type { Resource } from '@opentelemetry/resources';
import { ProtoWriter, varintSize } from './proto-writer.js';
import { resourceBytes, schemaUrlBytes, scopeBytes } from './values.js';

/** Records of one scope of one resource, encoded one after the other. */
interface Group {
  readonly resource: Resource;
  readonly scope: InstrumentationScope;
  readonly head: Uint8Array;
  readonly tail: Uint8Array;
  readonly records: ProtoWriter;
}

/** Where a request's records come from, and how it is put together: the same three levels in all three signals. */
export class RequestBuilder {
  /** Bytes of the records so far. */
  size = 0;
  private groups: Group[] = [];
  private last: Group | undefined;
  private readonly known = new WeakMap<InstrumentationScope, WeakMap<Resource, Group>>();
  private readonly resources = new WeakMap<Resource, { head: Uint8Array; tail: Uint8Array }>();

  /**
   * Encodes one record right away, so that nothing is kept of the object it came from. `write` puts a message with its length in front.
   *
   * @throws what `write` throws (a getter of the user's, say); then the record has left no trace.
   */
  add(resource: Resource, scope: InstrumentationScope, write: (writer: ProtoWriter) => void): void {
    const group = this.groupOf(resource, scope);
    const { records } = group;
    const start = records.pos;
    if (start === 0) this.groups.push(group);
    try {
      // Field 2 of ScopeSpans, ScopeLogs and ScopeMetrics.
      records.tag(2, 2);
      write(records);
    } catch (error) {
      records.pos = start;
      if (start === 0) this.groups.pop();
      throw error;
    }
    this.size += records.pos - start;
  }

  /** Settles when the resources of this request are complete; undefined when they are. */
  pending(): Promise<unknown> | undefined {
    const waiting = this.groups.filter(({ resource }) => resource.asyncAttributesPending === true);
    if (waiting.length === 0) return undefined;
    return Promise.allSettled(waiting.map(async ({ resource }) => resource.waitForAsyncAttributes?.()));
  }

  /** The export request of all records added since the last call. */
  take(): Buffer {
    const byResource = new Map<Resource, Group[]>();
    for (const group of this.groups) {
      const list = byResource.get(group.resource);
      if (list === undefined) byResource.set(group.resource, [group]);
      else list.push(group);
    }
    const parts = [...byResource].map(([resource, groups]) => {
      const { head, tail } = this.resource(resource);
      const sizes = groups.map((group) => group.head.length + group.records.pos + group.tail.length);
      const size = sizes.reduce((sum, each) => sum + 1 + varintSize(each) + each, head.length + tail.length);
      return { head, tail, groups, sizes, size };
    });
    const writer = new ProtoWriter(parts.reduce((sum, { size }) => sum + 1 + varintSize(size) + size, 0));
    for (const { head, tail, groups, sizes, size } of parts) {
      writer.tag(1, 2);
      writer.uint(size);
      writer.raw(head);
      groups.forEach((group, index) => {
        writer.tag(2, 2);
        writer.uint(sizes[index] ?? 0);
        writer.raw(group.head);
        writer.raw(group.records.written());
        writer.raw(group.tail);
        group.records.reset();
      });
      writer.raw(tail);
    }
    this.groups = [];
    this.last = undefined;
    this.size = 0;
    return writer.written();
  }

  private groupOf(resource: Resource, scope: InstrumentationScope): Group {
    const { last } = this;
    if (last?.scope === scope && last.resource === resource) return last;
    return (this.last = this.group(resource, scope));
  }

  private group(resource: Resource, scope: InstrumentationScope): Group {
    let ofScope = this.known.get(scope);
    if (ofScope === undefined) this.known.set(scope, (ofScope = new WeakMap()));
    let group = ofScope.get(resource);
    if (group === undefined) {
      group = {
        resource,
        scope,
        head: scopeBytes(scope),
        tail: schemaUrlBytes(scope.schemaUrl),
        records: new ProtoWriter(),
      };
      ofScope.set(resource, group);
    }
    return group;
  }

  private resource(resource: Resource): { head: Uint8Array; tail: Uint8Array } {
    const known = this.resources.get(resource);
    if (known !== undefined) return known;
    const bytes = { head: resourceBytes(resource), tail: schemaUrlBytes(resource.schemaUrl) };
    // A resource that is still being detected will say more the next time.
    if (resource.asyncAttributesPending !== true) this.resources.set(resource, bytes);
    return bytes;
  }
}
