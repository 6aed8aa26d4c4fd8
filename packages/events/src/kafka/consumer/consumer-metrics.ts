import type { EventConsumerStats } from './consumer-options.js';

/**
 * As much of OpenTelemetry's `Meter` as the consumer needs, so that whoever does without OpenTelemetry need not install it. Give it
 * `metrics.getMeter('…')` of `@opentelemetry/api`.
 */
export interface ConsumerMeter {
  createObservableCounter(name: string, options: InstrumentOptions): ConsumerInstrument;
  createObservableGauge(name: string, options: InstrumentOptions): ConsumerInstrument;
}

interface InstrumentOptions {
  description: string;
  unit: string;
}

interface ConsumerInstrument {
  addCallback(callback: Callback): void;
  removeCallback(callback: Callback): void;
}

type Callback = (result: { observe(value: number, attributes: Record<string, string>): void }) => void;

/** Shows the figures of a consumer in OpenTelemetry, with the group as `messaging.consumer.group.name`. Returns the way out. */
export function observeConsumer(
  meter: ConsumerMeter,
  groupId: string,
  stats: () => EventConsumerStats,
): () => void {
  const attributes = { 'messaging.consumer.group.name': groupId };
  const counter = (name: string, description: string) =>
    meter.createObservableCounter(name, { description, unit: '{event}' });
  const gauge = (name: string, description: string) =>
    meter.createObservableGauge(name, { description, unit: '{event}' });
  const observed: [ConsumerInstrument, (stats: EventConsumerStats) => number][] = [
    [counter('unhinged.events.consumed', 'Events stored'), ({ events }) => events],
    [counter('unhinged.events.duplicates', 'Events that came again'), ({ duplicates }) => duplicates],
    [
      counter('unhinged.events.lost', 'Numbers that did not come in time: sequence gaps'),
      ({ gaps }) => gaps.lost,
    ],
    [counter('unhinged.events.late', 'Lost ones that came nevertheless'), ({ gaps }) => gaps.late],
    [gauge('unhinged.events.missing', 'Numbers that did not come yet'), ({ gaps }) => gaps.pending],
    [gauge('unhinged.events.lag', 'Records of the topics that were not read yet'), ({ lag }) => lag],
  ];
  const leave = observed.map(([instrument, figure]) => {
    const callback: Callback = (result) => {
      result.observe(figure(stats()), attributes);
    };
    instrument.addCallback(callback);
    return () => {
      instrument.removeCallback(callback);
    };
  });
  return () => {
    for (const one of leave) one();
  };
}
