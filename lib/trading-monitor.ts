import { Annotations, type Environment, type Stack, Tags } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { botGroups } from '../core/catalogue/groups.ts';
import { groupStackName, sharedStackName } from '../core/catalogue/names.ts';
import type { ConfigInput } from '../core/config/define.ts';
import { parseConfig } from '../core/config/parse.ts';
import { ConfigError } from '../core/config/problem.ts';
import type { NightdeskConfig } from '../core/config/types.ts';
import { closedMutes } from '../core/health/closed-mutes.ts';
import { builtBundles } from './bundles.ts';
import { GroupStack } from './group-stack.ts';
import { MuteStack } from './mute-stack.ts';
import { SharedStack } from './shared-stack.ts';

export interface TradingMonitorOptions {
  /** Account and region. Default: those of the deployment. */
  readonly env?: Environment;
  /** Folder of the functions' bundles, `<name>/index.js` each. Default: the package's own. */
  readonly bundles?: string;
  /** When mute rules for closed markets begin. Default: now. */
  readonly nowMs?: number;
}

export type TradingMonitorProps = ConfigInput & TradingMonitorOptions;

/**
 * Monitoring for trading bots, as the stacks of an app or stage: one for what is shared, one per group of bots.
 * @throws ConfigError with every problem of the config at once.
 */
export class TradingMonitor extends Construct {
  readonly config: NightdeskConfig;
  readonly shared: SharedStack;
  readonly groups: readonly GroupStack[];

  constructor(scope: Construct, id: string, { env, bundles, nowMs, ...input }: TradingMonitorProps) {
    super(scope, id);
    const parsed = parseConfig(input);
    if (!parsed.ok) throw new ConfigError(parsed.error);
    this.config = parsed.value;
    const made = makeStacks(this, this.config, {
      ...(env === undefined ? {} : { env }),
      ...(bundles === undefined ? {} : { bundles }),
      ...(nowMs === undefined ? {} : { nowMs }),
    });
    this.shared = made.shared;
    this.groups = made.groups;
  }
}

/** Tags on dashboards are too new for the resource specification that linters carry. */
const untagged = ['AWS::CloudWatch::Dashboard'];

/** The stacks of an already validated config. */
export function makeStacks(
  scope: Construct,
  config: NightdeskConfig,
  { env, bundles = builtBundles(), nowMs = Date.now() }: TradingMonitorOptions = {},
) {
  const place = env === undefined ? {} : { env };
  const { stage } = config;
  const shared = new SharedStack(scope, 'shared', {
    ...place,
    stackName: sharedStackName(stage),
    description: `Nightdesk ${stage}: what all bots share`,
    config,
    bundles,
    nowMs,
  });
  const groups = botGroups(config).map(
    group =>
      new GroupStack(scope, group.name, {
        ...place,
        stackName: groupStackName(stage, group.name),
        description: `Nightdesk ${stage}: logs and alarms of ${group.bots.map(({ id }) => id).join(', ')}`.slice(0, 1024),
        config,
        group,
        shared,
      }),
  );
  const mutes = groups.flatMap((group, index) => {
    const { name } = botGroups(config)[index]!;
    const rules = closedMutes(config, name, nowMs);
    if (rules.length === 0) return [];
    const stack = new MuteStack(scope, `${name}-mutes`, {
      ...place,
      stackName: `${groupStackName(stage, name)}-mutes`,
      description: `Nightdesk ${stage}: alarms of ${name} muted while their markets are closed`,
      mutes: rules,
    });
    stack.addStackDependency(group, 'it names the alarms of that stack');
    return [stack];
  });
  for (const stack of [shared, ...groups, ...mutes] satisfies readonly Stack[])
    Tags.of(stack).add('nightdesk:stage', stage, { excludeResourceTypes: untagged });
  if (Object.keys(config.channels).length === 0)
    Annotations.of(shared).addInfo('no channel is configured: alarms reach the topics and nobody else');
  return { shared, groups };
}
