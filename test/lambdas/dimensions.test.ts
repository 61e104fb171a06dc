import { expect, it } from 'vitest';
import { catalogue } from '../../core/catalogue/index.ts';
import { metricName } from '../../core/catalogue/names.ts';
import { lineOf } from '../events/lines-of.ts';
import { pathStory } from './path-story.ts';

interface Published {
  readonly _aws?: {
    readonly CloudWatchMetrics: readonly {
      readonly Dimensions: readonly (readonly string[])[];
      readonly Metrics: readonly { readonly Name: string }[];
    }[];
  };
}

/** An alarm or a chart that asks for a dimension nobody publishes is silent for ever. */
it('everything that the functions publish has the dimensions of its row', async () => {
  const s = pathStory();
  const resources = { cpuPercent: 12.5, memoryPercent: 40 };
  const lines = [
    lineOf('account', { equity: '10000' }),
    lineOf('execution', { tsEvent: s.iso(1), transactTime: s.iso(1), settlCurrency: 'USDT' }),
    lineOf('heartbeat', { tsEvent: s.iso(2), resources, queueDepth: 3 }),
    'no event at all',
    '{"broken":',
  ];
  await s.ingest(s.at(2).logs(...lines));
  await s.fold();
  s.at(60);
  await s.sweep();
  const found = new Map<string, string>();
  for (const { _aws } of s.output as readonly Published[])
    for (const { Dimensions, Metrics } of _aws?.CloudWatchMetrics ?? [])
      for (const { Name } of Metrics) found.set(Name, Dimensions.map(names => names.join()).join(' '));
  expect(found.get('Throughput')).toBe('Strategy');
  for (const { id, metric } of catalogue) {
    const name = found.get(metricName(id));
    if (name !== undefined) expect([id, name]).toEqual([id, Object.keys(metric.per).join()]);
  }
  expect(found.size).toBeGreaterThan(10);
});
