/**
 * Two calls of Amazon ECS: describing a service, and forcing a new deployment of it.
 * Source: API reference, DescribeServices and UpdateService; service model 2014-11-13 (JSON 1.1, times in seconds), 2026-11.
 */
import type { EcsRestartConfig } from '../../core/config/types.ts';
import type { EcsService } from '../../core/incidents/restart.ts';
import { callJson, type SignedCall } from './signed-call.ts';

export type EcsAnswer<T> =
  | { readonly ok: true; readonly value: T }
  | {
      readonly ok: false;
      /** `later`: it may have happened all the same. */
      readonly retry: 'later' | 'never';
      /** ECS's own name of the error, or that of a failed connection. */
      readonly name: string;
    };

export type EcsTarget = Pick<EcsRestartConfig, 'cluster' | 'service' | 'arn'>;

export interface Ecs {
  /** Undefined when the cluster has no such service. */
  readonly describe: (target: EcsTarget) => Promise<EcsAnswer<EcsService | undefined>>;
  /** Begins a new deployment with everything as it is; gives its id. ECS has no token against repetitions: ask `describe` first. */
  readonly restart: (target: EcsTarget) => Promise<EcsAnswer<string>>;
}

/** Errors that no repetition heals. Whatever else happens may pass, and is asked about again. */
const final = new Set([
  'AccessDeniedException',
  'UnauthorizedException',
  'ClusterNotFoundException',
  'ServiceNotFoundException',
  'ServiceNotActiveException',
  'InvalidParameterException',
  'UnsupportedFeatureException',
  'PlatformUnknownException',
  'PlatformTaskDefinitionIncompatibilityException',
]);

export function createEcs(call: SignedCall): Ecs {
  async function ask<T>(operation: string, target: EcsTarget, input: object, read: (answer: Json) => T): Promise<EcsAnswer<T>> {
    const region = target.arn?.split(':')[3];
    const service = {
      signingName: 'ecs',
      host: 'ecs',
      target: `AmazonEC2ContainerServiceV20141113.${operation}`,
      version: '1.1' as const,
      ...(region === undefined ? {} : { region }),
    };
    try {
      return { ok: true, value: read(object(await callJson(call, service, input))) };
    } catch (error) {
      const name = error instanceof Error ? error.name : 'error';
      return { ok: false, retry: final.has(name) ? 'never' : 'later', name };
    }
  }
  return {
    describe: target =>
      ask('DescribeServices', target, { cluster: target.cluster, services: [target.service] }, ({ services }) => {
        const [found] = items(services);
        return found === undefined ? undefined : serviceOf(found);
      }),
    restart: target =>
      ask('UpdateService', target, { cluster: target.cluster, service: target.service, forceNewDeployment: true }, ({ service }) => {
        const newest = serviceOf(object(service)).deployments.find(({ status }) => status === 'PRIMARY');
        if (newest === undefined) throw new Error('ECS named no deployment');
        return newest.id;
      }),
  };
}

type Json = Readonly<Record<string, unknown>>;
const object = (value: unknown): Json => (typeof value === 'object' && value !== null ? (value as Json) : {});
const items = (value: unknown): readonly Json[] => (Array.isArray(value) ? value.map(object) : []);
const text = (value: unknown, otherwise: string): string => (typeof value === 'string' ? value : otherwise);

function serviceOf(service: Json): EcsService {
  const { status, desiredCount, runningCount, deploymentController, deploymentConfiguration, deployments } = service;
  const { maximumPercent } = object(deploymentConfiguration);
  return {
    status: text(status, 'UNKNOWN'),
    desiredCount: Number(desiredCount ?? 0),
    runningCount: Number(runningCount ?? 0),
    controller: text(object(deploymentController)['type'], 'ECS'),
    // The default of services that roll.
    maximumPercent: Number(maximumPercent ?? 200),
    deployments: items(deployments).map(each => ({
      id: text(each['id'], 'unknown'),
      status: text(each['status'], 'UNKNOWN'),
      ...(typeof each['rolloutState'] === 'string' ? { rolloutState: each['rolloutState'] } : {}),
      ...(typeof each['createdAt'] === 'number' ? { createdAt: Math.round(each['createdAt'] * 1000) } : {}),
    })),
  };
}
