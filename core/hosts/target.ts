import type { BotConfig, NightdeskConfig } from '../config/types.ts';
import { hostName } from './host-name.ts';

export const hostTargets = ['kubernetes', 'ecs', 'ec2'] as const;
export type HostTarget = (typeof hostTargets)[number];

/** What the config does not know, since it belongs to the deployment of the bot itself. */
export interface HostOptions {
  readonly region: string;
  readonly accountId: string;
  readonly image: string;
  /** Address of intake up to the bot's id; absent means the one in the output `IntakeUrl` of the shared stack. */
  readonly intakeUrl?: string;
}

/** Where `startHealthServer` of bot/ answers. */
export const healthPort = 8080;
export const healthPaths = { liveness: '/healthz', readiness: '/ready', startup: '/startup' } as const;

/** Kubernetes' own terms, with our defaults where the config sets no probe. */
export interface HostProbe {
  readonly path: string;
  readonly periodSeconds: number;
  readonly timeoutSeconds: number;
  readonly failureThreshold: number;
}

export interface HostBot {
  readonly stage: string;
  readonly id: string;
  /** Lower-case letters, digits and dashes, at most 40 characters: fit for Kubernetes, systemd and ECS. */
  readonly name: string;
  readonly namespace: string;
  readonly logGroup: string;
  readonly retentionDays: number;
  readonly hasIntake: boolean;
  /** Everything goes through intake: no log shipper is needed. */
  readonly isOutside: boolean;
  readonly intakeUrl: string;
  readonly keySecret: string | undefined;
  readonly probes: Readonly<Record<keyof typeof healthPaths, HostProbe>>;
  readonly options: HostOptions;
}

export function hostBot(config: NightdeskConfig, bot: BotConfig, options: HostOptions): HostBot {
  const { runsOn } = bot;
  const own = (kind: keyof typeof healthPaths, period: number, threshold: number): HostProbe => {
    const written = bot.probes[kind];
    return {
      path: healthPaths[kind],
      periodSeconds: period,
      timeoutSeconds: Math.max(1, Math.ceil((written?.timeoutMs ?? 2000) / 1000)),
      failureThreshold: written?.failureThreshold ?? threshold,
    };
  };
  const base = options.intakeUrl ?? 'https://REPLACE-WITH-OUTPUT-IntakeUrl';
  return {
    stage: config.stage,
    id: bot.id,
    name: hostName(bot.id),
    namespace: runsOn?.on === 'kubernetes' ? runsOn.namespace : 'default',
    logGroup: bot.logGroup.name,
    retentionDays: config.retentionDays,
    hasIntake: bot.intake !== undefined,
    isOutside: bot.intake?.everything === true,
    intakeUrl: `${base.replace(/\/$/, '')}/${bot.id}`,
    keySecret: bot.intake?.key.secretName,
    probes: { liveness: own('liveness', 10, 3), readiness: own('readiness', 5, 3), startup: own('startup', 5, 24) },
    options,
  };
}
