import { describe, expect, it } from 'vitest';
import { catalogueAlarms } from '../../core/catalogue/alarm-definitions.ts';
import { parseConfig } from '../../core/config/parse.ts';
import { standingCost } from '../../core/cost/standing.ts';
import { agentMetrics } from '../../core/hosts/agent-metrics.ts';

function configOf(runsOn?: unknown) {
  const parsed = parseConfig({ stage: 'prod', bots: [{ id: 's1', ...(runsOn === undefined ? {} : { runsOn }) }] });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.error));
  return parsed.value;
}

const hostStats = (runsOn?: unknown) =>
  catalogueAlarms(configOf(runsOn)).flatMap(({ definition }) => {
    if (definition.kind !== 'metric' || !definition.name.startsWith('prod-host-')) return [];
    const [query] = definition.queries;
    return query !== undefined && 'stat' in query ? [[query.stat.namespace, query.stat.metricName, query.stat.dimensions]] : [];
  });

describe('alarms on the machine of a bot', () => {
  it('do not exist where the config does not say where the bot runs', () => expect(hostStats()).toEqual([]));

  it('watch what the agent sends, under the dimensions of its configuration', () => {
    expect(hostStats({ on: 'ec2' })).toEqual(
      ['cpu_usage_active', 'mem_used_percent', 'disk_used_percent', 'cpu_usage_steal', 'netstat_tcp_close_wait'].map(name => [
        'CWAgent',
        name,
        { Stage: 'prod', Bot: 's1' },
      ]),
    );
    for (const [, name] of hostStats({ on: 'ec2' })) expect(agentMetrics).toContain(name);
  });

  it.each([
    [
      { on: 'ecs', cluster: 'c', service: 'svc' },
      [
        ['AWS/ECS', 'CPUUtilization', { ClusterName: 'c', ServiceName: 'svc' }],
        ['AWS/ECS', 'MemoryUtilization', { ClusterName: 'c', ServiceName: 'svc' }],
      ],
    ],
    [
      { on: 'kubernetes', cluster: 'c', namespace: 'n', deployment: 'd' },
      [
        ['ContainerInsights', 'pod_cpu_utilization', { ClusterName: 'c', Namespace: 'n', PodName: 'd' }],
        ['ContainerInsights', 'pod_memory_utilization_over_pod_limit', { ClusterName: 'c', Namespace: 'n', PodName: 'd' }],
      ],
    ],
  ])('watch what the place measures itself: %j', (runsOn, expected) => expect(hostStats(runsOn)).toEqual(expected));

  it('cost what the agent sends', () => {
    const metricsOf = (runsOn?: unknown) => standingCost(configOf(runsOn)).find(({ what }) => what === 'Custom metrics')!.count;
    expect(metricsOf({ on: 'ec2' }) - metricsOf()).toBe(agentMetrics.length);
    expect(metricsOf({ on: 'ecs', cluster: 'c', service: 's' })).toBe(metricsOf());
  });
});
