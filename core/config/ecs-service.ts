/**
 * Which ECS service a config means: names or ARNs, of the restart itself or of where the bot runs.
 * Source: Service Authorization Reference, Amazon Elastic Container Service (`service/CLUSTER/NAME`); API reference, CreateService and
 * CreateCluster (names of at most 255 letters, digits, underscores and hyphens), 2026-11.
 */
const arnStart = 'arn:aws[a-z-]*:ecs:[a-z0-9-]+:\\d{12}';
const name = '[A-Za-z0-9_-]{1,255}';

export const ecsClusterPattern = new RegExp(`^(?:${arnStart}:cluster/)?${name}$`);
export const ecsServicePattern = new RegExp(`^(?:${arnStart}:service/${name}/)?${name}$`);

export interface EcsNames {
  readonly cluster?: string | undefined;
  readonly service?: string | undefined;
}

export interface EcsServiceName {
  readonly cluster: string;
  readonly service: string;
  /** Where one of them was an ARN. */
  readonly arn?: string;
}

/** `{ cluster: 'trading', service: 'momentum-btc' }` out of what is written, and `runsOn` for what is not; or why it cannot be told. */
export function ecsServiceOf(
  { cluster, service }: EcsNames,
  runsOn: EcsNames | undefined,
): EcsServiceName | { readonly problem: string; readonly value: string } {
  const serviceText = service ?? runsOn?.service;
  const parts = serviceText?.split('/') ?? [];
  // An ARN of a service names its cluster; that of `runsOn` is another service's.
  const inArn = parts.length === 3 ? parts[1] : undefined;
  const clusterText = cluster ?? inArn ?? runsOn?.cluster;
  const value = [cluster, service].every(each => each === undefined) ? 'neither' : JSON.stringify({ cluster, service });
  if (serviceText === undefined || clusterText === undefined)
    return { problem: 'must name cluster and service, or the service by its ARN, or the bot must say runsOn: { on: "ecs", … }', value };
  if (!ecsServicePattern.test(serviceText) || !ecsClusterPattern.test(clusterText))
    return { problem: 'must name cluster and service as ECS does: letters, digits, underscores and hyphens, or ARNs', value };
  const named = { cluster: clusterText.split('/').at(-1)!, service: parts.at(-1)! };
  if (inArn !== undefined && inArn !== named.cluster) return { problem: `must name one cluster: the service’s ARN says ${inArn}`, value };
  if (inArn !== undefined) return { ...named, arn: serviceText };
  const start = /^(.+):cluster\//.exec(clusterText)?.[1];
  return start === undefined ? named : { ...named, arn: `${start}:service/${named.cluster}/${named.service}` };
}
