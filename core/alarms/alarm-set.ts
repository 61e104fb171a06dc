import type { MuteRule } from '../cloudwatch/template-alarm.ts';
import type { NightdeskConfig } from '../config/types.ts';
import type { AlarmDefinition, Dimensions } from './definition.ts';

/** Where a person finds what is meant; lines count from 1, and are absent where the file tells none. */
export interface SourcePlace {
  readonly file: string;
  readonly line?: number;
}

/** Why a file, or a part of it, cannot be used. */
export interface SourceProblem extends SourcePlace {
  readonly message: string;
}

/** `alarms.yaml:12: unknown alarm "x"`. */
export const showSourceProblem = ({ file, line, message }: SourceProblem): string =>
  `${file}${line === undefined ? '' : `:${line}`}: ${message}`;

export interface SourcedAlarm {
  readonly definition: AlarmDefinition;
  /** Id in its template; absent for alarms of a config. */
  readonly logicalId?: string;
  readonly place: SourcePlace;
}

/** A metric under the name that the catalogue gives it, where CloudWatch has another one (a service's own metrics). */
export interface MetricAlias {
  readonly metric: string;
  readonly dimensions: Dimensions;
  readonly identity: { readonly namespace: string; readonly metricName: string; readonly dimensions: Dimensions };
}

/** Alarms from a config, a template, an assembly or an account, in one shape. */
export interface AlarmSet {
  /** The source as it was named. */
  readonly from: string;
  readonly kind: 'config' | 'template' | 'assembly' | 'account';
  readonly alarms: readonly SourcedAlarm[];
  /** Alarms and mute rules that are there but cannot be read, by name, with the reason. */
  readonly unusable: readonly (SourceProblem & { readonly name: string; readonly logicalId?: string; readonly isMute?: boolean })[];
  readonly mutes: readonly MuteRule[];
  /** Known for configs, and for assemblies that carry one: then incidents are routed to its channels. */
  readonly config?: NightdeskConfig;
  readonly aliases: readonly MetricAlias[];
}

/** Stage of the set: the config's, else the one that its namespace names. */
export function stageOf(set: AlarmSet): string | undefined {
  if (set.config !== undefined) return set.config.stage;
  for (const { definition } of set.alarms) {
    if (definition.kind !== 'metric') continue;
    for (const query of definition.queries) {
      const stage = 'stat' in query ? /^Nightdesk\/(.+)$/.exec(query.stat.namespace)?.[1] : undefined;
      if (stage !== undefined) return stage;
    }
  }
  return undefined;
}

/** The alarm of a name, with or without the stage's prefix, or of a logical id. */
export function findAlarm(set: AlarmSet, name: string): SourcedAlarm | undefined {
  const wanted = namesFor(set, name);
  return set.alarms.find(({ definition }) => wanted.includes(definition.name)) ?? set.alarms.find(({ logicalId }) => logicalId === name);
}

/** Why the alarm of a name cannot be used; undefined when nothing of that name is broken. */
export function findUnusable(set: AlarmSet, name: string): AlarmSet['unusable'][number] | undefined {
  const wanted = namesFor(set, name);
  return set.unusable.find(alarm => wanted.includes(alarm.name) || alarm.logicalId === name);
}

function namesFor(set: AlarmSet, name: string): readonly string[] {
  const stage = stageOf(set);
  return stage === undefined ? [name] : [name, `${stage}-${name}`];
}
