/**
 * ECS as far as restarting goes: the services that the config names, described, updated and listed. A forced deployment is under way for a
 * virtual minute and then complete. No container runs here: what a bot does is its own affair.
 * Shapes: API reference, DescribeServices and UpdateService, 2026-11.
 */
import { randomInt } from 'node:crypto';
import type { EpochMs } from '../../core/time/instant.ts';
import { AwsError } from '../endpoint/errors.ts';
import type { Authorize, Caller, Input, Service } from '../endpoint/service.ts';
import { list, record, text } from '../endpoint/service.ts';

export interface EcsServiceDefinition {
  readonly cluster: string;
  readonly service: string;
  /** Where the config names one. */
  readonly arn?: string;
}

export interface EcsDeploymentState {
  readonly id: string;
  readonly status: 'PRIMARY' | 'ACTIVE';
  readonly rolloutState: 'IN_PROGRESS' | 'COMPLETED';
  readonly createdAtMs: EpochMs;
}

export interface EcsServiceState extends EcsServiceDefinition {
  readonly arn: string;
  readonly desiredCount: number;
  readonly runningCount: number;
  readonly maximumPercent: number;
  readonly minimumHealthyPercent: number;
  /** The newest first. */
  readonly deployments: readonly EcsDeploymentState[];
}

export interface LocalEcs {
  readonly service: Service;
  /** As they are now. */
  readonly services: () => readonly EcsServiceState[];
}

export interface EcsOptions {
  readonly accountId: string;
  readonly region: string;
  readonly now: () => EpochMs;
}

/** How long a deployment takes here. */
const ROLLOUT_MS = 60_000;
/** Services are older than the stack, as where they are adopted. */
const EARLIER_MS = 86_400_000;

type Stored = Omit<EcsServiceState, 'runningCount' | 'deployments'> & {
  readonly deployed: readonly { id: string; createdAtMs: EpochMs }[];
};

export function createLocalEcs(definitions: readonly EcsServiceDefinition[], options: EcsOptions, authorize: Authorize): LocalEcs {
  const { accountId, region, now } = options;
  const arnOf = (cluster: string, service: string) => `arn:aws:ecs:${region}:${accountId}:service/${cluster}/${service}`;
  const stored = new Map<string, Stored>();
  for (const { cluster, service, arn = arnOf(cluster, service) } of definitions)
    stored.set(`${cluster}/${service}`, {
      cluster,
      service,
      arn,
      desiredCount: 1,
      // One bot, one process: as examples/ecs deploys it.
      maximumPercent: 100,
      minimumHealthyPercent: 0,
      deployed: [{ id: deploymentId(), createdAtMs: now() - EARLIER_MS }],
    });

  function stateOf({ deployed, ...service }: Stored): EcsServiceState {
    const [newest, before] = deployed;
    const isUnderWay = newest !== undefined && now() < newest.createdAtMs + ROLLOUT_MS;
    const primary =
      newest === undefined
        ? []
        : [{ ...newest, status: 'PRIMARY' as const, rolloutState: isUnderWay ? ('IN_PROGRESS' as const) : ('COMPLETED' as const) }];
    const old = isUnderWay && before !== undefined ? [{ ...before, status: 'ACTIVE' as const, rolloutState: 'COMPLETED' as const }] : [];
    const isReplaced = isUnderWay && service.maximumPercent <= 100;
    return { ...service, runningCount: isReplaced ? 0 : service.desiredCount, deployments: [...primary, ...old] };
  }

  /** @throws AwsError for a cluster that no service is in. */
  function clusterIn(input: Input): string {
    const cluster = lastPart(text(input['cluster']) ?? 'default');
    if (![...stored.values()].some(service => service.cluster === cluster))
      throw new AwsError('ClusterNotFoundException', 'Cluster not found.');
    return cluster;
  }

  function allowed(input: Input, named: string, caller: Caller, action: string): string {
    const cluster = lastPart(text(input['cluster']) ?? 'default');
    const key = `${cluster}/${lastPart(named)}`;
    authorize(caller, `ecs:${action}`, stored.get(key)?.arn ?? arnOf(cluster, lastPart(named)));
    return key;
  }

  const service: Service = {
    target: 'AmazonEC2ContainerServiceV20141113',
    jsonVersion: '1.1',
    operations: {
      DescribeServices(input, caller) {
        const names = list(input['services']).map(String);
        const keys = names.map(name => allowed(input, name, caller, 'DescribeServices'));
        clusterIn(input);
        const found = keys.flatMap(key => stored.get(key) ?? []);
        const missing = keys.filter(key => !stored.has(key));
        return {
          services: found.map(each => shown(stateOf(each))),
          failures: missing.map(key => ({ arn: arnOf(...(key.split('/') as [string, string])), reason: 'MISSING' })),
        };
      },
      UpdateService(input, caller) {
        const key = allowed(input, text(input['service']) ?? '', caller, 'UpdateService');
        clusterIn(input);
        const before = stored.get(key);
        if (before === undefined) throw new AwsError('ServiceNotFoundException', 'Service not found.');
        const configuration = record(input['deploymentConfiguration']);
        const next: Stored = {
          ...before,
          desiredCount: Number(input['desiredCount'] ?? before.desiredCount),
          maximumPercent: Number(configuration['maximumPercent'] ?? before.maximumPercent),
          minimumHealthyPercent: Number(configuration['minimumHealthyPercent'] ?? before.minimumHealthyPercent),
          deployed:
            input['forceNewDeployment'] === true
              ? [{ id: deploymentId(), createdAtMs: now() }, ...before.deployed].slice(0, 2)
              : before.deployed,
        };
        stored.set(key, next);
        return { service: shown(stateOf(next)) };
      },
      ListServices(input, caller) {
        authorize(caller, 'ecs:ListServices', '*');
        const cluster = clusterIn(input);
        return { serviceArns: [...stored.values()].filter(each => each.cluster === cluster).map(({ arn }) => arn) };
      },
    },
  };
  return { service, services: () => [...stored.values()].map(stateOf) };
}

const lastPart = (nameOrArn: string): string => nameOrArn.split('/').at(-1) ?? '';

const deploymentId = (): string => `ecs-svc/${randomInt(1e12, 9e12)}${String(randomInt(1e6)).padStart(7, '0')}`;

/** Times as JSON 1.1 has them: seconds. */
function shown({ cluster, service, arn, desiredCount, runningCount, maximumPercent, minimumHealthyPercent, deployments }: EcsServiceState) {
  return {
    serviceArn: arn,
    serviceName: service,
    clusterArn: arn.replace(/:service\/.*$/, `:cluster/${cluster}`),
    status: 'ACTIVE',
    desiredCount,
    runningCount,
    pendingCount: desiredCount - runningCount,
    deploymentController: { type: 'ECS' },
    deploymentConfiguration: { maximumPercent, minimumHealthyPercent },
    deployments: deployments.map(({ id, status, rolloutState, createdAtMs }) => ({
      id,
      status,
      rolloutState,
      desiredCount: status === 'PRIMARY' ? desiredCount : 0,
      createdAt: createdAtMs / 1000,
      updatedAt: createdAtMs / 1000,
    })),
  };
}

/** Services that the bots of a deployed config name, each once. */
export function ecsServicesIn(config: { readonly bots?: readonly unknown[] }): readonly EcsServiceDefinition[] {
  const places = (config.bots ?? []).map(record).flatMap(bot => [record(bot['ecsRestart']), record(bot['runsOn'])]);
  const found = places.flatMap(({ cluster, service, arn }) =>
    typeof cluster !== 'string' || typeof service !== 'string' || cluster === ''
      ? []
      : [{ cluster: lastPart(cluster), service: lastPart(service), ...(typeof arn === 'string' ? { arn } : {}) }],
  );
  const keyOf = ({ cluster, service }: EcsServiceDefinition) => `${cluster}/${service}`;
  return found.filter((each, index) => found.findIndex(other => keyOf(other) === keyOf(each)) === index);
}
