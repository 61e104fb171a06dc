import { createHash } from 'node:crypto';
import { CrossStackReferences, ReferenceStrength, RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import {
  type CfnLogGroup,
  CfnMetricFilter,
  CfnSubscriptionFilter,
  type ILogGroup,
  LogGroup,
  type RetentionDays,
} from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { catalogueAlarms } from '../core/catalogue/alarm-definitions.ts';
import type { BotGroup } from '../core/catalogue/groups.ts';
import { catalogue } from '../core/catalogue/index.ts';
import { metricName, namespaceOf, pascal } from '../core/catalogue/names.ts';
import { isPublished } from '../core/catalogue/series.ts';
import { units } from '../core/catalogue/unit.ts';
import type { BotConfig, NightdeskConfig } from '../core/config/types.ts';
import { Alarms } from './alarms.ts';
import type { SharedStack } from './shared-stack.ts';

export interface GroupStackProps extends StackProps {
  readonly config: NightdeskConfig;
  readonly group: BotGroup;
  readonly shared: SharedStack;
}

/** What belongs to some bots: their log groups with filters and subscription, and their alarms. */
export class GroupStack extends Stack {
  constructor(scope: Construct, id: string, { config, group, shared, ...props }: GroupStackProps) {
    super(scope, id, props);
    // Exports and imports, which every tool understands: the topics must not go away below the alarms that name them.
    CrossStackReferences.of(this).consume(ReferenceStrength.STRONG);
    for (const bot of group.bots) this.watchLogs(bot, config, shared);
    new Alarms(
      this,
      'Alarms',
      catalogueAlarms(config, shared.alarmActions()).filter(alarm => alarm.group === group.name),
      config.stage,
    );
  }

  private watchLogs(bot: BotConfig, config: NightdeskConfig, shared: SharedStack): void {
    const { logGroupName } = this.logGroup(bot, config);
    for (const row of catalogue) {
      const { source } = row.metric;
      if (source.from !== 'metricFilter' || !isPublished(row, config)) continue;
      new CfnMetricFilter(this, `${bot.id}-${row.id}`, {
        logGroupName,
        filterPattern: source.pattern,
        metricTransformations: [
          {
            metricNamespace: namespaceOf(config.stage),
            metricName: metricName(row.id),
            metricValue: '1',
            unit: units[row.metric.unit].cloudwatch,
            ...(source.dimension === undefined ? {} : { dimensions: dimensionsOf(source.dimension) }),
          },
        ],
      });
    }
    // What intake writes has been queued already.
    if (bot.intake?.everything === true) return;
    new CfnSubscriptionFilter(this, `${bot.id}-to-ingest`, {
      logGroupName,
      destinationArn: shared.functions.ingest.fn.functionArn,
      filterPattern: '',
    });
  }

  private logGroup(bot: BotConfig, config: NightdeskConfig): ILogGroup {
    const { name, adopt } = bot.logGroup;
    if (adopt) return LogGroup.fromLogGroupName(this, `${bot.id}-log`, name);
    const group = new LogGroup(this, `${bot.id}-log`, {
      logGroupName: name,
      retention: config.retentionDays as RetentionDays,
      removalPolicy: RemovalPolicy.RETAIN,
    });
    (group.node.defaultChild as CfnLogGroup).overrideLogicalId(`LogGroup${stableId(bot.id)}`);
    return group;
  }
}

const dimensionsOf = (dimension: Readonly<Record<string, string>>) => Object.entries(dimension).map(([key, value]) => ({ key, value }));

/** Bot ids may differ in punctuation alone, which logical ids cannot hold. */
const stableId = (botId: string): string => `${pascal(botId)}${createHash('sha256').update(botId).digest('hex').slice(0, 6).toUpperCase()}`;
