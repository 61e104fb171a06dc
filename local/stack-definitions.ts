/** What the assembly's resources mean to the local services: one reader per resource type, properties in, definitions out. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { functionNames } from '../core/catalogue/metric.ts';
import type { FunctionDefinition } from './functions/host.ts';
import type { KeySchema, TableDefinition } from './services/dynamodb/table.ts';
import { type EcsServiceDefinition, ecsServicesIn } from './services/ecs.ts';
import type { HttpApiDefinition } from './services/http-api.ts';
import type { LogGroupDefinition, MetricFilterDefinition, SubscriptionFilterDefinition } from './services/logs.ts';
import type { SubscriptionDefinition, TopicDefinition } from './services/sns.ts';
import type { QueueDefinition } from './services/sqs.ts';
import type { Assembly, Resource } from './template/assembly.ts';
import { TemplateError } from './template/intrinsics.ts';

type Json = Readonly<Record<string, unknown>>;

const json = (value: unknown): Json => (typeof value === 'object' && value !== null ? (value as Json) : {});
const items = (value: unknown): readonly Json[] => (Array.isArray(value) ? (value as Json[]) : []);
const text = (value: unknown): string | undefined =>
  typeof value === 'string' ? value : typeof value === 'number' ? String(value) : undefined;
const number = (value: unknown, otherwise: number): number => (value === undefined ? otherwise : Number(value));

/** What starts a function from a queue. */
export interface QueueTrigger {
  readonly functionArn: string;
  readonly queueArn: string;
  readonly batchSize: number;
  readonly reportsFailures: boolean;
}

/** What happens to an asynchronous invocation that fails. */
export interface InvokeConfig {
  readonly functionName: string;
  readonly retries: number;
  readonly onFailureArn?: string;
}

export interface ScheduleDefinition {
  readonly name: string;
  readonly expression: string;
  readonly zone: string;
  readonly targetArn: string;
  readonly roleArn?: string;
  /** JSON text of the event. */
  readonly input: string;
}

/** Short names of our own functions, found in the construct path; others keep their physical name. */
const ours = functionNames.map(name => name.replace('-', '-?')).join('|');
const knownLabels = new RegExp(`(?:^|[/-])(${ours})`, 'i');

export function functionsOf(assembly: Assembly): readonly FunctionDefinition[] {
  const taken = new Set<string>();
  return assembly.ofType('AWS::Lambda::Function').map(resource => {
    const { properties } = resource;
    const code = text(json(properties['Code'])['S3Key']);
    if (code === undefined)
      throw new TemplateError(`InlineCode at ${resource.stack}/${resource.logicalId}: the local stack runs file assets only`);
    const label = labelOf(resource, taken);
    taken.add(label);
    return {
      name: resource.name,
      label,
      arn: resource.arn,
      handler: text(properties['Handler']) ?? 'index.handler',
      assetDir: assembly.assetDir(code),
      environment: json(json(properties['Environment'])['Variables']) as Readonly<Record<string, string>>,
      timeoutSeconds: number(properties['Timeout'], 3),
      memoryMb: number(properties['MemorySize'], 128),
      logGroup: text(json(properties['LoggingConfig'])['LogGroup']) ?? `/aws/lambda/${resource.name}`,
      roleArn: text(properties['Role']) ?? '',
      ...subnetsOf(properties),
    };
  });
}

function subnetsOf(properties: Json): Pick<FunctionDefinition, 'subnets'> {
  const subnets = json(properties['VpcConfig'])['SubnetIds'];
  return Array.isArray(subnets) ? { subnets: subnets.map(String) } : {};
}

function labelOf(resource: Resource, taken: ReadonlySet<string>): string {
  const found =
    knownLabels.exec(resource.path)?.[1] ??
    knownLabels.exec(resource.name)?.[1] ??
    new RegExp(`(${ours})`, 'i').exec(resource.logicalId)?.[1];
  // Logical ids have no dashes.
  const plain = (text: string) => text.toLowerCase().replace('-', '');
  const label = found === undefined ? undefined : functionNames.find(name => plain(name) === plain(found));
  return label === undefined || taken.has(label) ? resource.name : label;
}

export function tablesOf(assembly: Assembly): readonly TableDefinition[] {
  return assembly.ofType('AWS::DynamoDB::Table', 'AWS::DynamoDB::GlobalTable').map(({ name, arn, properties }) => {
    const ttl = json(properties['TimeToLiveSpecification']);
    const indexes = [...items(properties['GlobalSecondaryIndexes']), ...items(properties['LocalSecondaryIndexes'])];
    return {
      name,
      arn,
      keys: keySchema(properties['KeySchema']),
      indexes: Object.fromEntries(indexes.map(index => [text(index['IndexName']) ?? '', keySchema(index['KeySchema'])])),
      ...(ttl['Enabled'] === true ? { ttlAttribute: text(ttl['AttributeName']) ?? 'ttl' } : {}),
    };
  });
}

function keySchema(value: unknown): KeySchema {
  const byType = (type: string) => text(items(value).find(part => part['KeyType'] === type)?.['AttributeName']);
  const range = byType('RANGE');
  return { hash: byType('HASH') ?? '', ...(range === undefined ? {} : { range }) };
}

export function queuesOf(assembly: Assembly): readonly QueueDefinition[] {
  return assembly.ofType('AWS::SQS::Queue').map(({ name, arn, ref, properties }) => {
    const policy = json(properties['RedrivePolicy']);
    const target = text(policy['deadLetterTargetArn']);
    return {
      name,
      arn,
      url: ref,
      isFifo: properties['FifoQueue'] === true,
      hasContentDeduplication: properties['ContentBasedDeduplication'] === true,
      visibilitySeconds: number(properties['VisibilityTimeout'], 30),
      delaySeconds: number(properties['DelaySeconds'], 0),
      retentionSeconds: number(properties['MessageRetentionPeriod'], 345_600),
      ...(target === undefined ? {} : { redrive: { queueArn: target, maxReceiveCount: number(policy['maxReceiveCount'], 10) } }),
    };
  });
}

export function topicsOf(assembly: Assembly): readonly TopicDefinition[] {
  return assembly.ofType('AWS::SNS::Topic').map(({ name, arn }) => ({ name, arn }));
}

export function subscriptionsOf(assembly: Assembly): readonly SubscriptionDefinition[] {
  return assembly.ofType('AWS::SNS::Subscription').map(({ arn, properties }) => {
    const deadLetter = text(json(properties['RedrivePolicy'])['deadLetterTargetArn']);
    return {
      arn,
      topicArn: text(properties['TopicArn']) ?? '',
      protocol: text(properties['Protocol']) ?? '',
      endpoint: text(properties['Endpoint']) ?? '',
      isRaw: properties['RawMessageDelivery'] === true,
      ...(deadLetter === undefined ? {} : { deadLetterQueueArn: deadLetter }),
    };
  });
}

export function logGroupsOf(assembly: Assembly): readonly LogGroupDefinition[] {
  return assembly.ofType('AWS::Logs::LogGroup').map(({ name, arn }) => ({ name, arn }));
}

export function metricFiltersOf(assembly: Assembly): readonly MetricFilterDefinition[] {
  return assembly.ofType('AWS::Logs::MetricFilter').flatMap(({ properties }) =>
    items(properties['MetricTransformations']).map(transformation => {
      const dimensions = items(transformation['Dimensions']).map(entry => [text(entry['Key']) ?? '', text(entry['Value']) ?? ''] as const);
      const unit = text(transformation['Unit']);
      return {
        group: text(properties['LogGroupName']) ?? '',
        pattern: text(properties['FilterPattern']) ?? '',
        namespace: text(transformation['MetricNamespace']) ?? '',
        metricName: text(transformation['MetricName']) ?? '',
        value: text(transformation['MetricValue']) ?? '1',
        dimensions: Object.fromEntries(dimensions),
        ...(transformation['DefaultValue'] === undefined ? {} : { defaultValue: Number(transformation['DefaultValue']) }),
        ...(unit === undefined ? {} : { unit }),
      };
    }),
  );
}

export function subscriptionFiltersOf(assembly: Assembly): readonly SubscriptionFilterDefinition[] {
  return assembly.ofType('AWS::Logs::SubscriptionFilter').map(({ name, properties }) => ({
    name,
    group: text(properties['LogGroupName']) ?? '',
    pattern: text(properties['FilterPattern']) ?? '',
    destinationArn: text(properties['DestinationArn']) ?? '',
  }));
}

export function queueTriggersOf(assembly: Assembly): readonly QueueTrigger[] {
  return assembly.ofType('AWS::Lambda::EventSourceMapping').flatMap(({ properties }) => {
    const source = text(properties['EventSourceArn']) ?? '';
    if (!source.startsWith('arn:aws:sqs:') || properties['Enabled'] === false) return [];
    const reports =
      Array.isArray(properties['FunctionResponseTypes']) &&
      (properties['FunctionResponseTypes'] as unknown[]).includes('ReportBatchItemFailures');
    return [
      {
        functionArn: functionArn(assembly, text(properties['FunctionName']) ?? ''),
        queueArn: source,
        batchSize: number(properties['BatchSize'], 10),
        reportsFailures: reports,
      },
    ];
  });
}

function functionArn(assembly: Assembly, nameOrArn: string): string {
  return assembly.ofType('AWS::Lambda::Function').find(({ name, arn }) => name === nameOrArn || arn === nameOrArn)?.arn ?? nameOrArn;
}

export function invokeConfigsOf(assembly: Assembly): readonly InvokeConfig[] {
  const explicit = assembly.ofType('AWS::Lambda::EventInvokeConfig').map(({ properties }) => {
    const onFailure = text(json(json(properties['DestinationConfig'])['OnFailure'])['Destination']);
    return {
      functionName: text(properties['FunctionName']) ?? '',
      retries: number(properties['MaximumRetryAttempts'], 2),
      ...(onFailure === undefined ? {} : { onFailureArn: onFailure }),
    };
  });
  const deadLetters = assembly.ofType('AWS::Lambda::Function').flatMap(({ name, properties }) => {
    const target = text(json(properties['DeadLetterConfig'])['TargetArn']);
    return target === undefined || explicit.some(config => config.functionName === name)
      ? []
      : [{ functionName: name, retries: 2, onFailureArn: target }];
  });
  return [...explicit, ...deadLetters];
}

export function schedulesOf(assembly: Assembly): readonly ScheduleDefinition[] {
  const schedules = assembly
    .ofType('AWS::Scheduler::Schedule')
    .filter(({ properties }) => properties['State'] !== 'DISABLED')
    .map(({ name, properties }) => {
      const target = json(properties['Target']);
      const role = text(target['RoleArn']);
      return {
        name,
        expression: text(properties['ScheduleExpression']) ?? '',
        zone: text(properties['ScheduleExpressionTimezone']) ?? 'UTC',
        targetArn: text(target['Arn']) ?? '',
        input: text(target['Input']) ?? '{}',
        ...(role === undefined ? {} : { roleArn: role }),
      };
    });
  const rules = assembly
    .ofType('AWS::Events::Rule')
    .filter(({ properties }) => properties['ScheduleExpression'] !== undefined && properties['State'] !== 'DISABLED')
    .flatMap(({ name, properties }) =>
      items(properties['Targets']).map(target => ({
        name,
        expression: text(properties['ScheduleExpression']) ?? '',
        zone: 'UTC',
        targetArn: text(target['Arn']) ?? '',
        input: text(target['Input']) ?? '{}',
      })),
    );
  return [...schedules, ...rules];
}

/**
 * HTTP APIs with the routes of their stage. A function may be invoked only where a permission of the template grants it to the gateway.
 * @throws TemplateError for route keys other than a method with a literal path.
 */
export function httpApisOf(assembly: Assembly): readonly HttpApiDefinition[] {
  const ofApi = (type: string, apiId: string) => assembly.ofType(type).filter(({ properties }) => properties['ApiId'] === apiId);
  return assembly.ofType('AWS::ApiGatewayV2::Api').map(api => {
    const [stage] = ofApi('AWS::ApiGatewayV2::Stage', api.ref);
    const settings = json(stage?.properties['RouteSettings']);
    const access = json(stage?.properties['AccessLogSettings']);
    const group = text(access['DestinationArn'])?.split(':log-group:')[1]?.replace(/:\*$/, '');
    const routes = ofApi('AWS::ApiGatewayV2::Route', api.ref).map(({ stack, logicalId, properties }) => {
      const routeKey = text(properties['RouteKey']) ?? '';
      if (!/^(GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS) \/[^{}]*$/.test(routeKey))
        throw new TemplateError(`UnknownRouteKey at ${stack}/${logicalId}: the local stack runs literal routes only; was ${routeKey}`);
      const target = text(properties['Target'])?.replace(/^integrations\//, '');
      const integration = ofApi('AWS::ApiGatewayV2::Integration', api.ref).find(({ ref }) => ref === target)?.properties ?? {};
      const own = json(settings[routeKey] ?? stage?.properties['DefaultRouteSettings']);
      const arn = text(integration['IntegrationUri']) ?? '';
      return {
        routeKey,
        functionArn: mayInvoke(assembly, arn, api.ref) ? arn : '',
        timeoutMs: number(integration['TimeoutInMillis'], 30_000),
        ...(own['ThrottlingRateLimit'] === undefined
          ? {}
          : { throttle: { perSecond: number(own['ThrottlingRateLimit'], 0), burst: number(own['ThrottlingBurstLimit'], 1) } }),
      };
    });
    return {
      apiId: api.ref,
      stage: text(stage?.properties['StageName']) ?? '$default',
      routes,
      ...(group === undefined ? {} : { accessLog: { group, format: text(access['Format']) ?? '' } }),
    };
  });
}

const mayInvoke = (assembly: Assembly, functionArn: string, apiId: string): boolean =>
  assembly
    .ofType('AWS::Lambda::Permission')
    .some(
      ({ properties }) =>
        properties['FunctionName'] === functionArn &&
        properties['Principal'] === 'apigateway.amazonaws.com' &&
        (text(properties['SourceArn']) ?? '').includes(`:${apiId}/`),
    );

/** Services of ECS that the functions' config names: they are no resources of the stack. */
export function ecsServicesOf(functions: readonly FunctionDefinition[]): readonly EcsServiceDefinition[] {
  const dir = functions.find(({ label }) => label === 'actions' || label === 'notifier')?.assetDir;
  const file = join(dir ?? '', 'config.json');
  return dir !== undefined && existsSync(file)
    ? ecsServicesIn(JSON.parse(readFileSync(file, 'utf8')) as { readonly bots?: readonly unknown[] })
    : [];
}

/** Policy documents by the ARN of the role that they are attached to. */
export function policiesOf(assembly: Assembly): ReadonlyMap<string, readonly Json[]> {
  const byRole = new Map<string, Json[]>();
  const roles = assembly.ofType('AWS::IAM::Role');
  const attach = (roleName: string, document: unknown) => {
    const arn = roles.find(role => role.name === roleName)?.arn ?? roleName;
    byRole.set(arn, [...(byRole.get(arn) ?? []), json(document)]);
  };
  for (const { name, properties } of roles) for (const policy of items(properties['Policies'])) attach(name, policy['PolicyDocument']);
  for (const { properties } of assembly.ofType('AWS::IAM::Policy', 'AWS::IAM::ManagedPolicy')) {
    for (const role of (properties['Roles'] as readonly unknown[] | undefined) ?? []) attach(String(role), properties['PolicyDocument']);
  }
  return byRole;
}

export function dashboardsOf(assembly: Assembly): readonly { readonly name: string; readonly body: string }[] {
  return assembly
    .ofType('AWS::CloudWatch::Dashboard')
    .map(({ name, properties }) => ({ name, body: text(properties['DashboardBody']) ?? '{}' }));
}
