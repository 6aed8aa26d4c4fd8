import { describe, expect, it } from '@jest/globals';
import { SamplingEngine } from '@unhinged/observability-core';
import { choosePolicy } from './choose-policy.js';

/** The rate that the choice gives an ordinary gateway request, and one of class websocket. */
function chosen(option: unknown, env: Record<string, string>, environment = 'production') {
  const reports: string[] = [];
  const choice = choosePolicy(option, env, environment, (problem) => reports.push(problem));
  if (choice.kind !== 'given') return { choice, reports };
  const engine = new SamplingEngine({ policy: choice.policy, serviceType: 'gateway' });
  const { rate, operations } = engine.policy.table.gateway;
  return { rate, websocket: operations['websocket'] ?? rate, reports };
}

describe('the sampling policy', () => {
  it('keeps everything in development and test, and by the table elsewhere', () => {
    expect(chosen(undefined, {}, 'development')).toMatchObject({ rate: 1, websocket: 1 });
    expect(chosen(undefined, {}, 'test')).toMatchObject({ rate: 1 });
    for (const environment of ['staging', 'production', 'analytics']) {
      expect(chosen(undefined, {}, environment)).toMatchObject({ rate: 0.1, websocket: 0.2, reports: [] });
    }
  });

  it.each([
    ['always_on', {}, 1],
    ['parentbased_always_on', {}, 1],
    ['parentbased_always_off', {}, 0],
    ['traceidratio', { OTEL_TRACES_SAMPLER_ARG: '0.25' }, 0.25],
    ['parentbased_traceidratio', { OTEL_TRACES_SAMPLER_ARG: '0' }, 0],
    ['traceidratio', {}, 1],
  ])('is what OTEL_TRACES_SAMPLER=%s %j says: %d of every operation', (sampler, argument, rate) => {
    const env = { OTEL_TRACES_SAMPLER: sampler, ...argument };
    expect(chosen(undefined, env)).toEqual({ rate, websocket: rate, reports: [] });
    expect(chosen(undefined, env, 'development')).toMatchObject({ rate });
  });

  it('is none with always_off', () => {
    expect(chosen(undefined, { OTEL_TRACES_SAMPLER: 'always_off' }).choice).toEqual({ kind: 'nothing' });
  });

  it('given as an option goes over the file, and both over OTEL_TRACES_SAMPLER, which is said', () => {
    const env = { OTEL_TRACES_SAMPLER: 'always_on', UNHINGED_POLICY: '/etc/policy.json' };
    const option = { version: 1, sampling: { table: { gateway: { rate: 0.5 } } } };
    expect(chosen(option, env)).toMatchObject({
      rate: 0.5,
      reports: ["OTEL_TRACES_SAMPLER=always_on has no effect: the option 'policy' is given"],
    });
    expect(chosen(undefined, env)).toMatchObject({
      choice: { kind: 'file', path: '/etc/policy.json' },
      reports: ['OTEL_TRACES_SAMPLER=always_on has no effect: UNHINGED_POLICY is given'],
    });
  });

  it('that makes no sense is ignored, naming the wrong value', () => {
    expect(chosen({ sampling: { table: { gateway: { rate: 7 } } } }, {})).toMatchObject({
      rate: 0.1,
      reports: [expect.stringContaining('sampling.table.gateway.rate')],
    });
    expect(chosen(undefined, { OTEL_TRACES_SAMPLER: 'jaeger_remote' }).reports).toHaveLength(1);
    expect(
      chosen(undefined, { OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '7' }),
    ).toMatchObject({ rate: 1, reports: [expect.stringContaining('OTEL_TRACES_SAMPLER_ARG')] });
  });
});
