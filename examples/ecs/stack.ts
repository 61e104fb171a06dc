import { Duration, RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import { FlowLogDestination, FlowLogTrafficType, type IVpc, SecurityGroup, SubnetType, Vpc } from 'aws-cdk-lib/aws-ec2';
import {
  AwsLogDriverMode,
  Cluster,
  ContainerImage,
  ContainerInsights,
  Secret as ContainerSecret,
  CpuArchitecture,
  FargateService,
  FargateTaskDefinition,
  type ICluster,
  LogDrivers,
  OperatingSystemFamily,
} from 'aws-cdk-lib/aws-ecs';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
import type { NightdeskConfig } from '../../core/config/types.ts';
import { AGENT_NAMESPACE } from '../../core/hosts/agent-metrics.ts';
import { agentImage, agentSidecarConfig, healthCheckOf } from '../../core/hosts/ecs.ts';
import { type HostBot, hostBot } from '../../core/hosts/target.ts';
import { acknowledge } from '../../lib/acknowledge.ts';

export interface BotServiceProps extends StackProps {
  readonly config: NightdeskConfig;
  readonly botId: string;
  readonly image: string;
  /** The output `IntakeUrl` of the shared stack. */
  readonly intakeUrl: string;
  /** Default: a network of its own with one NAT gateway. */
  readonly vpc?: IVpc;
}

/** One bot as a Fargate service: never two of it at a time, health check, logs that wait instead of dropping, the agent beside it. */
export class BotService extends Stack {
  constructor(scope: Construct, id: string, { config, botId, image, intakeUrl, vpc, ...props }: BotServiceProps) {
    super(scope, id, props);
    const written = config.bots.find(bot => bot.id === botId);
    if (written === undefined) throw new Error(`UnknownBot at ${botId}: the config has no such bot`);
    const bot = hostBot(config, written, { region: this.region, accountId: this.account, image, intakeUrl });
    const { cluster: clusterName, service: serviceName } =
      written.runsOn?.on === 'ecs' ? written.runsOn : { cluster: bot.name, service: bot.name };
    // The CDK's classes write undefined where their interfaces, read strictly, want nothing.
    const network = vpc ?? (this.network() as IVpc);
    const cluster = new Cluster(this, 'Cluster', { clusterName, vpc: network, containerInsightsV2: ContainerInsights.ENABLED }) as ICluster;
    new FargateService(this, 'Service', {
      serviceName,
      cluster,
      taskDefinition: this.task(bot),
      desiredCount: 1,
      // The old task stops before the new one starts: never two instances of one strategy.
      minHealthyPercent: 0,
      maxHealthyPercent: 100,
      circuitBreaker: { enable: true, rollback: true },
      vpcSubnets: { subnetType: SubnetType.PRIVATE_WITH_EGRESS },
      securityGroups: [new SecurityGroup(this, 'Outbound', { vpc: network, description: `Bot ${bot.id}: calls out, takes no calls` })],
    });
  }

  private network(): Vpc {
    const log = new LogGroup(this, 'Flows', { retention: RetentionDays.ONE_MONTH, removalPolicy: RemovalPolicy.DESTROY });
    return new Vpc(this, 'Network', {
      maxAzs: 2,
      natGateways: 1,
      restrictDefaultSecurityGroup: false,
      flowLogs: { rejected: { destination: FlowLogDestination.toCloudWatchLogs(log), trafficType: FlowLogTrafficType.REJECT } },
    });
  }

  private task(bot: HostBot): FargateTaskDefinition {
    const task = new FargateTaskDefinition(this, 'Task', {
      family: bot.name,
      cpu: 512,
      memoryLimitMiB: 1024,
      runtimePlatform: { cpuArchitecture: CpuArchitecture.ARM64, operatingSystemFamily: OperatingSystemFamily.LINUX },
      volumes: [{ name: 'spool' }],
    });
    const agentLog = new LogGroup(this, 'AgentLog', { retention: RetentionDays.TWO_WEEKS, removalPolicy: RemovalPolicy.DESTROY });
    this.addBot(task, bot, agentLog);
    this.addAgent(task, bot, agentLog);
    const streams = `arn:<AWS::Partition>:logs:<AWS::Region>:<AWS::AccountId>:log-group:${bot.logGroup}:*`;
    acknowledge(task, {
      'AwsSolutions::AwsSolutions-ECS2': 'names, an address and the agent’s configuration; the key comes from Secrets Manager',
      [`AwsSolutions::AwsSolutions-IAM5[Resource::${streams}]`]: 'all streams of the bot’s own log group, which the driver names by task',
      'AwsSolutions::AwsSolutions-IAM5[Resource::*]':
        'PutMetricData knows no resources; a condition holds it to the namespace of the agent',
    });
    return task;
  }

  private addBot(task: FargateTaskDefinition, bot: HostBot, agentLog: LogGroup): void {
    const check = healthCheckOf(bot.probes);
    const container = task.addContainer('bot', {
      image: ContainerImage.fromRegistry(bot.options.image),
      essential: true,
      readonlyRootFilesystem: true,
      user: '10001',
      // Time to cancel orders and to say "stopping".
      stopTimeout: Duration.seconds(30),
      environment: {
        NIGHTDESK_BOT: bot.id,
        ...(bot.hasIntake ? { NIGHTDESK_URL: bot.intakeUrl, NIGHTDESK_SPOOL: '/var/lib/nightdesk/spool' } : {}),
        AWS_EMF_LOG_GROUP_NAME: agentLog.logGroupName,
      },
      ...(bot.keySecret === undefined
        ? {}
        : { secrets: { NIGHTDESK_KEY: ContainerSecret.fromSecretsManager(Secret.fromSecretNameV2(this, 'Key', bot.keySecret)) } }),
      healthCheck: {
        command: ['CMD-SHELL', check.command],
        interval: Duration.seconds(check.intervalSeconds),
        timeout: Duration.seconds(check.timeoutSeconds),
        retries: check.retries,
        startPeriod: Duration.seconds(check.startPeriodSeconds),
      },
      // The driver's default drops lines when its buffer is full, and P&L would be wrong without a trace.
      logging: LogDrivers.awsLogs({
        streamPrefix: bot.name,
        logGroup: LogGroup.fromLogGroupName(this, 'BotLog', bot.logGroup),
        mode: AwsLogDriverMode.BLOCKING,
      }),
    });
    // Fargate gives it to root: the image owns the folder as user 10001 and declares it as a VOLUME.
    container.addMountPoints({ sourceVolume: 'spool', containerPath: '/var/lib/nightdesk', readOnly: false });
  }

  /** Takes statsd, and embedded metrics that name its log group, and so may send both. */
  private addAgent(task: FargateTaskDefinition, bot: HostBot, log: LogGroup): void {
    task.addContainer('cloudwatch-agent', {
      image: ContainerImage.fromRegistry(agentImage),
      essential: false,
      environment: { CW_CONFIG_CONTENT: this.toJsonString(agentSidecarConfig(bot.options.region)) },
      logging: LogDrivers.awsLogs({ streamPrefix: 'agent', logGroup: log }),
    });
    log.grantWrite(task.taskRole);
    task.addToTaskRolePolicy(
      new PolicyStatement({
        actions: ['cloudwatch:PutMetricData'],
        resources: ['*'],
        conditions: { StringEquals: { 'cloudwatch:namespace': AGENT_NAMESPACE } },
      }),
    );
  }
}
