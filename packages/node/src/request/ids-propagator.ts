import {
  propagation,
  type Context,
  type TextMapGetter,
  type TextMapPropagator,
  type TextMapSetter,
} from '@opentelemetry/api';
import { W3CBaggagePropagator } from '@opentelemetry/core';
import { forwardedEntries } from './request-ids.js';

/** W3C baggage, with the ids of the request being handled as entries of it. */
export class IdsBaggagePropagator implements TextMapPropagator {
  private readonly baggage = new W3CBaggagePropagator();

  inject(context: Context, carrier: unknown, setter: TextMapSetter): void {
    const entries = forwardedEntries();
    if (entries.length === 0) {
      this.baggage.inject(context, carrier, setter);
      return;
    }
    let baggage = propagation.getBaggage(context) ?? propagation.createBaggage();
    for (const [key, value] of entries) baggage = baggage.setEntry(key, { value });
    this.baggage.inject(propagation.setBaggage(context, baggage), carrier, setter);
  }

  extract(context: Context, carrier: unknown, getter: TextMapGetter): Context {
    return this.baggage.extract(context, carrier, getter);
  }

  fields(): string[] {
    return this.baggage.fields();
  }
}
