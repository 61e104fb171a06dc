import { ArnFormat, Aws, Duration, RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import { CfnDashboard } from 'aws-cdk-lib/aws-cloudwatch';
import { AttributeType, BillingMode, type CfnTable, Table, TableEncryption } from 'aws-cdk-lib/aws-dynamodb';
import { PolicyDocument, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { CfnEventSourceMapping } from 'aws-cdk-lib/aws-lambda';
import { CfnSchedule } from 'aws-cdk-lib/aws-scheduler';
import { type ISecret, Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { type CfnQueue, DeduplicationScope, FifoThroughputLimit, Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { bindInbound } from '../adapters/notify/inbound-kinds.ts';
import { bindChannel } from '../adapters/notify/index.ts';
import { type AlarmSurroundings, catalogueAlarms } from '../core/catalogue/alarm-definitions.ts';
import { dashboards } from '../core/catalogue/dashboards.ts';
import type { FunctionName, QueueName } from '../core/catalogue/metric.ts';
import { namespaceOf, pascal } from '../core/catalogue/names.ts';
import { functionsFor } from '../core/catalogue/series.ts';
import type { NightdeskConfig } from '../core/config/types.ts';
import { muteHorizon } from '../core/health/closed-mutes.ts';
import { acknowledge } from './acknowledge.ts';
import { Alarms } from './alarms.ts';
import { AlertTopics, severities } from './alert-topics.ts';
import { bindsAlarms, readSignalQueue, restartStatements, signalQueue, signalSecrets, signalStatements } from './bot-signals.ts';
import { ChannelTopics } from './channel-topics.ts';
import type { HttpApi } from './http-api.ts';
import { type MakeFunction, MonitorFunction, type MonitorFunctionProps } from './monitor-function.ts';
import { NotifierTimers, testPageStatements, wakeStatements } from './notifier-timers.ts';
import { makeProbers, proberCaller } from './probers.ts';
import { ReportSchedule } from './report-schedule.ts';
import { secondPath } from './second-path.ts';
import { intakeJournal, stageApi } from './stage-api.ts';

export interface SharedStackProps extends StackProps {
  readonly config: NightdeskConfig;
  /** Folder of the functions' bundles. */
  readonly bundles: string;
  /** When mute rules for closed markets begin. */
  readonly nowMs: number;
}

/** Longer than a batch may take; a message that fails five times is a dead letter. */
const LEDGER_TIMEOUT_SECONDS = 60;
const DELIVERIES = 5;
const NOTIFIER_TIMEOUT_SECONDS = 60;
const TIMER_TIMEOUT_SECONDS = 20;

const statesOfComposites =
  'DescribeAlarms returns composite alarms only to callers that may see all alarms (API reference, DescribeAlarms)';
const readsSeries = 'GetMetricData knows no resources and no conditions; it only reads';
const onlyOurNamespace = 'PutMetricData knows no resources; a condition holds it to the namespace of this stage';

/** Those that only some configs need may be absent. */
type SomeFunctions = 'intake' | 'actions' | 'report' | 'prober' | 'vpc-prober';
type MonitorFunctions = Readonly<Record<Exclude<FunctionName, SomeFunctions>, MonitorFunction>> &
  Readonly<Partial<Record<SomeFunctions, MonitorFunction>>>;

/** What all bots share: state, queues, functions, topics, dashboards, and the alarms on all of that. */
export class SharedStack extends Stack {
  readonly topics: AlertTopics;
  readonly functions: MonitorFunctions;
  /** Absent when nothing is called from outside. */
  readonly api: HttpApi | undefined;
  private readonly queues: Readonly<Record<QueueName, Queue>>;
  private readonly table: Table;
  /** Confirmed signals to bots; absent where no bot takes any. */
  private signals: Queue | undefined;
  private readonly config: NightdeskConfig;

  constructor(scope: Construct, id: string, props: SharedStackProps) {
    super(scope, id, props);
    this.config = props.config;
    this.table = this.makeTable();
    this.queues = this.makeQueues();
    this.topics = new AlertTopics(this, 'Topics', props.config.stage);
    this.functions = this.makeFunctions(props.bundles, muteHorizon(props.config, props.nowMs));
    this.api = stageApi(this, props.config, this.functions);
    this.connect();
    const around = this.surroundings();
    new Alarms(
      this,
      'Alarms',
      catalogueAlarms(props.config, around).filter(({ group }) => group === undefined),
      props.config.stage,
    );
    this.makeDashboards(around);
  }

  /** The ARNs that alarms of any stack of this app act on. */
  alarmActions(): Required<Pick<AlarmSurroundings, 'actions'>> {
    return { actions: severity => [this.topics.bySeverity[severity].topicArn] };
  }

  private surroundings(): AlarmSurroundings {
    return {
      ...this.alarmActions(),
      physicalName: (kind, name) => {
        if (kind === 'api') return this.api!.apiId;
        return kind === 'functions' ? this.functions[name as FunctionName]!.fn.functionName : this.queues[name as QueueName].queueName;
      },
    };
  }

  private makeTable(): Table {
    const table = new Table(this, 'State', {
      partitionKey: { name: 'pk', type: AttributeType.STRING },
      sortKey: { name: 'sk', type: AttributeType.STRING },
      billingMode: BillingMode.PAY_PER_REQUEST,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      timeToLiveAttribute: 'expiresAt',
      encryption: TableEncryption.AWS_MANAGED,
      deletionProtection: true,
      removalPolicy: RemovalPolicy.RETAIN,
    });
    (table.node.defaultChild as CfnTable).overrideLogicalId('StateTable');
    return table;
  }

  private makeQueues(): Readonly<Record<QueueName, Queue>> {
    const dead = (name: QueueName, fifo: boolean) => this.queue(name, { ...(fifo ? { fifo } : {}), retentionPeriod: Duration.days(14) });
    const eventsDead = dead('events-dead', true);
    const wakeDead = dead('wake-dead', false);
    const events = this.queue('events', {
      fifo: true,
      contentBasedDeduplication: false,
      deduplicationScope: DeduplicationScope.MESSAGE_GROUP,
      fifoThroughputLimit: FifoThroughputLimit.PER_MESSAGE_GROUP_ID,
      // Six times the function's timeout, as the Lambda guide advises for queues.
      visibilityTimeout: Duration.seconds(LEDGER_TIMEOUT_SECONDS * 6),
      retentionPeriod: Duration.days(14),
      deadLetterQueue: { queue: eventsDead, maxReceiveCount: DELIVERIES },
    });
    const scheduleDead = dead('schedule-dead', false);
    return {
      events,
      // A timer that comes late is worth nothing: the sweep begins a new one.
      timer: this.queue('timer', {
        visibilityTimeout: Duration.seconds(TIMER_TIMEOUT_SECONDS * 6),
        retentionPeriod: Duration.hours(1),
        deadLetterQueue: { queue: scheduleDead, maxReceiveCount: DELIVERIES },
      }),
      'events-dead': eventsDead,
      'async-dead': dead('async-dead', false),
      'notifier-dead': dead('notifier-dead', false),
      'schedule-dead': scheduleDead,
      wake: this.queue('wake', {
        visibilityTimeout: Duration.seconds(NOTIFIER_TIMEOUT_SECONDS * 6),
        deadLetterQueue: { queue: wakeDead, maxReceiveCount: DELIVERIES },
      }),
      'wake-dead': wakeDead,
    };
  }

  private queue(name: QueueName, props: ConstructorParameters<typeof Queue>[2]): Queue {
    const queue = new Queue(this, `${name}-queue`, {
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      removalPolicy: RemovalPolicy.RETAIN,
      ...props,
    });
    (queue.node.defaultChild as CfnQueue).overrideLogicalId(`${pascal(name)}Queue`);
    if (name.endsWith('dead'))
      acknowledge(queue, {
        'AwsSolutions::AwsSolutions-SQS3': 'it is itself a dead-letter queue',
        'Serverless::Serverless-SQSRedrivePolicy': 'it is itself a dead-letter queue',
      });
    return queue;
  }

  private makeFunctions(bundles: string, mutedUntilMs: number | undefined): MonitorFunctions {
    const plain: MakeFunction = (name, props) => new MonitorFunction(this, name, { name, config: this.config, bundles, ...props });
    const make: MakeFunction = (name, props) =>
      plain(name, { ...props, environment: { NIGHTDESK_TABLE: this.table.tableName, ...props.environment } });
    const probers = makeProbers(this.config, plain);
    const calling = proberCaller(probers);
    const topicVariables = Object.fromEntries(
      severities.map(severity => [`NIGHTDESK_TOPIC_${severity.toUpperCase()}`, this.topics.bySeverity[severity].topicArn]),
    );
    const publish = new PolicyStatement({
      actions: ['sns:Publish'],
      resources: severities.map(severity => this.topics.bySeverity[severity].topicArn),
    });
    const asyncDead = this.queues['async-dead'];
    const channelTopics = new ChannelTopics(this, 'ChannelTopics', this.config).arns;
    const channelArns = Object.values(channelTopics);
    const wakes = new PolicyStatement({ actions: ['sqs:SendMessage'], resources: [this.queues.timer.queueArn] });
    const alerting = { ...topicVariables, NIGHTDESK_TIMER_URL: this.queues.timer.queueUrl };
    return {
      ingest: make('ingest', {
        description: 'Validates log lines, keeps what is wrong, and routes events to their strategy’s queue group',
        memoryMb: 256,
        timeoutSeconds: 60,
        environment: { NIGHTDESK_QUEUE_URL: this.queues.events.queueUrl },
        statements: [
          new PolicyStatement({ actions: ['sqs:SendMessage'], resources: [this.queues.events.queueArn] }),
          this.onTable('BatchWriteItem'),
        ],
        asyncDead,
      }),
      ledger: make('ledger', {
        description: 'Folds the events of one strategy into its state, and judges hard limits at once',
        memoryMb: 512,
        timeoutSeconds: LEDGER_TIMEOUT_SECONDS,
        environment: topicVariables,
        statements: [
          new PolicyStatement({
            actions: ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:ChangeMessageVisibility', 'sqs:GetQueueAttributes'],
            resources: [this.queues.events.queueArn],
          }),
          this.onTable('GetItem', 'BatchGetItem', 'PutItem', 'BatchWriteItem'),
          new PolicyStatement({
            actions: ['cloudwatch:PutMetricData'],
            resources: ['*'],
            conditions: { StringEquals: { 'cloudwatch:namespace': namespaceOf(this.config.stage) } },
          }),
          publish,
        ],
        acknowledged: {
          'AwsSolutions::AwsSolutions-IAM5[Resource::*]': onlyOurNamespace,
          'Serverless::Serverless-LambdaStarPermissions': onlyOurNamespace,
        },
      }),
      heartbeat: make('heartbeat', {
        description: 'Each minute: silence, what probes showed, gauges again',
        memoryMb: 512,
        timeoutSeconds: 50,
        environment: {
          ...alerting,
          ...(mutedUntilMs === undefined ? {} : { NIGHTDESK_MUTED_UNTIL: new Date(mutedUntilMs).toISOString() }),
          ...calling.environment,
        },
        statements: [this.onTable('GetItem', 'BatchGetItem', 'Query', 'PutItem'), publish, wakes, ...calling.statements],
        asyncDead,
      }),
      timer: make('timer', {
        description: 'Wakes when a bot may have died, and says so within seconds',
        memoryMb: 256,
        timeoutSeconds: TIMER_TIMEOUT_SECONDS,
        environment: alerting,
        statements: [
          new PolicyStatement({
            actions: ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:ChangeMessageVisibility', 'sqs:GetQueueAttributes'],
            resources: [this.queues.timer.queueArn],
          }),
          this.onTable('BatchGetItem', 'PutItem'),
          publish,
          wakes,
        ],
      }),
      notifier: make('notifier', {
        description: 'Turns alarms and breaches into incidents, and incidents into messages',
        memoryMb: 256,
        timeoutSeconds: NOTIFIER_TIMEOUT_SECONDS,
        environment: {
          NIGHTDESK_WAKE_QUEUE_URL: this.queues.wake.queueUrl,
          NIGHTDESK_TOPIC_CRITICAL: this.topics.bySeverity.critical.topicArn,
          ...(channelArns.length === 0 ? {} : { NIGHTDESK_CHANNEL_TOPICS: this.toJsonString(channelTopics) }),
        },
        statements: [
          this.onTable('GetItem', 'BatchGetItem', 'Query', 'PutItem', 'BatchWriteItem'),
          ...wakeStatements(this.queues.wake),
          ...testPageStatements(this.config, this.topics.bySeverity.critical),
          ...this.readSecrets([
            ...this.sendingSecrets(),
            ...(this.config.watch?.deadManUrl === undefined ? [] : [this.config.watch.deadManUrl.secretName]),
          ]),
          ...(channelArns.length === 0 ? [] : [new PolicyStatement({ actions: ['sns:Publish'], resources: channelArns })]),
          // For charts, and for the peak of what is over.
          new PolicyStatement({ actions: ['cloudwatch:GetMetricData'], resources: ['*'] }),
        ],
        acknowledged: {
          'AwsSolutions::AwsSolutions-IAM5[Resource::*]': readsSeries,
          'Serverless::Serverless-LambdaStarPermissions': readsSeries,
        },
        asyncDead,
      }),
      widgets: make('widgets', {
        description: 'Custom widgets of the dashboards',
        memoryMb: 256,
        timeoutSeconds: 10,
        environment: {},
        statements: [
          this.onTable('BatchGetItem', 'GetItem', 'Query', 'PutItem', 'BatchWriteItem'),
          new PolicyStatement({ actions: ['cloudwatch:DescribeAlarms'], resources: ['*'] }),
        ],
        acknowledged: {
          'AwsSolutions::AwsSolutions-IAM5[Resource::*]': statesOfComposites,
          'Serverless::Serverless-LambdaStarPermissions': statesOfComposites,
        },
      }),
      ...(functionsFor(this.config).includes('intake') ? { intake: make('intake', this.intakeProps()) } : {}),
      ...(functionsFor(this.config).includes('report')
        ? {
            report: make('report', {
              description: 'After the close of a session, says how each strategy did',
              memoryMb: 512,
              timeoutSeconds: 120,
              environment: { NIGHTDESK_TOPIC_INFO: this.topics.bySeverity.info.topicArn },
              statements: [
                this.onTable('GetItem', 'BatchGetItem', 'Query', 'PutItem'),
                new PolicyStatement({ actions: ['sns:Publish'], resources: [this.topics.bySeverity.info.topicArn] }),
              ],
              asyncDead,
            }),
          }
        : {}),
      ...(functionsFor(this.config).includes('actions') ? { actions: make('actions', this.actionsProps()) } : {}),
      ...probers,
    };
  }

  private actionsProps(): Omit<MonitorFunctionProps, 'name' | 'config' | 'bundles'> {
    this.signals = signalQueue(this, this.config, this.queues['async-dead']);
    const inbound = Object.values(this.config.channels).flatMap(channel => Object.values(bindInbound(channel)?.secrets ?? {}));
    return {
      description: 'Takes signed buttons, commands and webhooks from people’s channels, and tells bots to halt or to reduce',
      memoryMb: 256,
      timeoutSeconds: 30,
      environment: {
        NIGHTDESK_WAKE_QUEUE_URL: this.queues.wake.queueUrl,
        ...(this.signals === undefined ? {} : { NIGHTDESK_SIGNAL_QUEUE_URL: this.signals.queueUrl }),
      },
      statements: [
        this.onTable('GetItem', 'BatchGetItem', 'Query', 'PutItem', 'BatchWriteItem'),
        new PolicyStatement({ actions: ['sqs:SendMessage'], resources: [this.queues.wake.queueArn] }),
        ...this.readSecrets([...inbound.map(({ secretName }) => secretName), ...signalSecrets(this.config)]),
        ...signalStatements(this.config, this.signals),
        ...restartStatements(this, this.config),
      ],
      asyncDead: this.queues['async-dead'],
    };
  }

  private intakeProps(): Omit<MonitorFunctionProps, 'name' | 'config' | 'bundles'> {
    const users = this.config.bots.flatMap(bot => (bot.intake === undefined ? [] : [{ ...bot, intake: bot.intake }]));
    const own = users.filter(({ intake }) => intake.everything).map(({ logGroup }) => this.logGroupArn(logGroup.name));
    return {
      description: 'Takes signed batches of events over HTTPS, and routes them to their strategy’s queue group',
      memoryMb: 256,
      timeoutSeconds: 10,
      environment: { NIGHTDESK_QUEUE_URL: this.queues.events.queueUrl },
      statements: [
        new PolicyStatement({ actions: ['sqs:SendMessage'], resources: [this.queues.events.queueArn] }),
        this.onTable('GetItem', 'PutItem', 'BatchWriteItem'),
        new PolicyStatement({
          actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
          resources: [intakeJournal(this, this.config).logGroupArn, ...own],
        }),
        ...this.readSecrets(users.map(({ intake }) => intake.key.secretName)),
      ],
    };
  }

  private logGroupArn(name: string): string {
    return this.formatArn({
      service: 'logs',
      resource: 'log-group',
      resourceName: `${name}:*`,
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    });
  }

  private onTable(...actions: readonly string[]): PolicyStatement {
    return new PolicyStatement({ actions: actions.map(action => `dynamodb:${action}`), resources: [this.table.tableArn] });
  }

  /** By reference only: the template holds names, never values. */
  private secretArns(names: readonly string[]): string[] {
    return names.map(secretName => {
      if (secretName.startsWith('arn:')) return secretName;
      const known = this.node.tryFindChild(`secret-${secretName}`) as ISecret | undefined;
      // Six random characters end a secret's ARN.
      return `${(known ?? Secret.fromSecretNameV2(this, `secret-${secretName}`, secretName)).secretArn}-??????`;
    });
  }

  private readSecrets(names: readonly string[]): readonly PolicyStatement[] {
    const resources = [...new Set(this.secretArns(names))];
    return resources.length === 0 ? [] : [new PolicyStatement({ actions: ['secretsmanager:GetSecretValue'], resources })];
  }

  /** What sending needs; what comes back is checked by another function. */
  private sendingSecrets(): readonly string[] {
    return Object.values(this.config.channels).flatMap(channel => Object.values(bindChannel(channel).secrets).map(each => each.secretName));
  }

  private connect(): void {
    const { ingest, ledger, timer, heartbeat, notifier, actions, report } = this.functions;
    this.reads('LedgerReadsEvents', ledger, this.queues.events);
    this.reads('TimerWakes', timer, this.queues.timer);
    this.topics.subscribe(notifier.fn, this.queues['notifier-dead']);
    if (actions !== undefined && this.signals !== undefined) readSignalQueue(this, this.signals, actions);
    if (actions !== undefined && bindsAlarms(this.config)) this.topics.subscribe(actions.fn, this.queues['notifier-dead']);
    this.allowLogs(ingest);
    this.schedule(heartbeat);
    if (report !== undefined) new ReportSchedule(this, 'ReportSchedule', { fn: report.fn, dead: this.queues['schedule-dead'] });
    new NotifierTimers(this, 'NotifierTimers', {
      config: this.config,
      notifier: notifier.fn,
      wake: this.queues.wake,
      dead: this.queues['schedule-dead'],
    });
    secondPath(this.topics.bySeverity.critical, this.config);
  }

  private reads(id: string, { fn }: MonitorFunction, queue: Queue): void {
    const mapping = new CfnEventSourceMapping(this, id, {
      functionName: fn.functionArn,
      eventSourceArn: queue.queueArn,
      batchSize: 10,
      functionResponseTypes: ['ReportBatchItemFailures'],
    });
    acknowledge(mapping, {
      'Serverless::Serverless-LambdaEventSourceMappingDestination':
        'queues have no destinations; failed messages go to the queue’s own dead-letter queue',
    });
  }

  /** Our own groups under one prefix, adopted and renamed ones by name. */
  private allowLogs(ingest: MonitorFunction): void {
    const prefix = `/nightdesk/${this.config.stage}/`;
    const others = this.config.bots.map(bot => bot.logGroup.name).filter(name => !name.startsWith(prefix));
    for (const name of [`${prefix}*`, ...others])
      ingest.fn.addPermission(`Logs${pascal(name)}`, {
        principal: new ServicePrincipal('logs.amazonaws.com'),
        sourceArn: this.logGroupArn(name),
        sourceAccount: Aws.ACCOUNT_ID,
      });
  }

  private schedule(heartbeat: MonitorFunction): void {
    const dead = this.queues['schedule-dead'];
    const role = new Role(this, 'SweepRole', {
      assumedBy: new ServicePrincipal('scheduler.amazonaws.com', { conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } } }),
      inlinePolicies: {
        sweep: new PolicyDocument({
          statements: [
            new PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [heartbeat.fn.functionArn] }),
            new PolicyStatement({ actions: ['sqs:SendMessage'], resources: [dead.queueArn] }),
          ],
        }),
      },
    });
    new CfnSchedule(this, 'Sweep', {
      description: 'Runs the heartbeat function each minute',
      scheduleExpression: 'rate(1 minute)',
      flexibleTimeWindow: { mode: 'OFF' },
      state: 'ENABLED',
      target: {
        arn: heartbeat.fn.functionArn,
        roleArn: role.roleArn,
        // A sweep that comes late is worth nothing: the next one is a minute away.
        retryPolicy: { maximumRetryAttempts: 1, maximumEventAgeInSeconds: 60 },
        deadLetterConfig: { arn: dead.queueArn },
      },
    });
  }

  private makeDashboards(around: AlarmSurroundings): void {
    const bodies = dashboards(this.config, {
      ...around,
      region: Aws.REGION,
      alarmArn: name =>
        this.formatArn({ service: 'cloudwatch', resource: 'alarm', resourceName: name, arnFormat: ArnFormat.COLON_RESOURCE_NAME }),
      functionArn: name => this.functions[name]!.fn.functionArn,
    });
    for (const { name, page, body } of bodies)
      new CfnDashboard(this, `${pascal(page)}Dashboard`, { dashboardName: name, dashboardBody: this.toJsonString(body) });
  }
}
