/** Metrics about the machine of a bot that something other than the bot measures: how each place names them. */
import type { BotConfig, NightdeskConfig, RunsOn } from '../config/types.ts';
import { AGENT_NAMESPACE, type AgentMetric, agentDimensions } from '../hosts/agent-metrics.ts';

export interface HostMetric {
  readonly namespace: string;
  readonly metricName: string;
}

/** By where the bot runs; a place that does not measure it is absent, and so is the series. */
export type HostMetrics = Readonly<Partial<Record<RunsOn['on'], HostMetric>>>;

/** Collected by the agent as `nightdesk agent-config` configures it. */
export const agentMetric = (metricName: AgentMetric): HostMetric => ({ namespace: AGENT_NAMESPACE, metricName });

/** Free with every service. Source: Amazon ECS developer guide, "Amazon ECS CloudWatch metrics". */
export const ecsMetric = (metricName: 'CPUUtilization' | 'MemoryUtilization'): HostMetric => ({ namespace: 'AWS/ECS', metricName });

/** Source: CloudWatch user guide, "Amazon EKS and Kubernetes Container Insights metrics". */
export const podMetric = (
  metricName: 'pod_cpu_utilization' | 'pod_memory_utilization_over_pod_limit' | 'pod_number_of_container_restarts',
): HostMetric => ({ namespace: 'ContainerInsights', metricName });

/** The dimensions of a bot's machine; undefined when the config does not say where it runs. */
export function hostDimensions(
  { id, runsOn }: BotConfig,
  { stage }: Pick<NightdeskConfig, 'stage'>,
): Readonly<Record<string, string>> | undefined {
  if (runsOn === undefined) return undefined;
  if (runsOn.on === 'ec2') return agentDimensions(stage, id);
  if (runsOn.on === 'ecs') return { ClusterName: runsOn.cluster, ServiceName: runsOn.service };
  return { ClusterName: runsOn.cluster, Namespace: runsOn.namespace, PodName: runsOn.deployment };
}
