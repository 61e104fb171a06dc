/** The resource types that the local stack knows: what `Ref` and `Fn::GetAtt` give for each, and which are inert here. */

export interface Place {
  readonly region: string;
  readonly accountId: string;
  readonly endpointUrl: string;
}

/** Account and region that stand for the deployment's, where a template leaves them open. */
export const STAND_IN_PLACE: Place = { region: 'us-east-1', accountId: '123456789012', endpointUrl: 'https://sqs.us-east-1.amazonaws.com' };

export interface Identity {
  /** What `Ref` gives. */
  readonly ref: string;
  readonly arn: string;
  readonly attributes: Readonly<Record<string, unknown>>;
}

type Properties = Readonly<Record<string, unknown>>;
type Identify = (name: string, place: Place, properties: Properties) => Identity;

export interface ResourceType {
  /** The property that gives the physical name; absent means a generated one. */
  readonly nameProperty?: string;
  readonly maxNameLength?: number;
  readonly identify: Identify;
}

const plainArn = (service: string, path: (name: string) => string): Identify => {
  return (name, { region, accountId }) => {
    const arn = `arn:aws:${service}:${region}:${accountId}:${path(name)}`;
    return { ref: name, arn, attributes: { Arn: arn } };
  };
};

const table: Identify = (name, { region, accountId }) => {
  const arn = `arn:aws:dynamodb:${region}:${accountId}:table/${name}`;
  return { ref: name, arn, attributes: { Arn: arn, StreamArn: `${arn}/stream/local`, TableId: name } };
};

const byArn = (
  service: string,
  path: (name: string) => string,
  more: (arn: string, name: string) => Readonly<Record<string, unknown>>,
): Identify => {
  return (name, { region, accountId }) => {
    const arn = `arn:aws:${service}:${region}:${accountId}:${path(name)}`;
    return { ref: arn, arn, attributes: more(arn, name) };
  };
};

const unnamed: Identify = name => ({ ref: name, arn: name, attributes: { Id: name, Arn: name } });

/** Types that run here. */
export const resourceTypes: Readonly<Record<string, ResourceType>> = {
  'AWS::ApiGatewayV2::Api': {
    nameProperty: 'Name',
    maxNameLength: 128,
    identify: (name, { region, endpointUrl }) => ({
      ref: name,
      arn: `arn:aws:apigateway:${region}::/apis/${name}`,
      attributes: { ApiId: name, ApiEndpoint: `${endpointUrl}/execute-api/${name}` },
    }),
  },
  'AWS::ApiGatewayV2::Integration': { identify: unnamed },
  'AWS::ApiGatewayV2::Route': { identify: unnamed },
  'AWS::ApiGatewayV2::Stage': { nameProperty: 'StageName', maxNameLength: 128, identify: unnamed },
  'AWS::CloudWatch::Alarm': { nameProperty: 'AlarmName', maxNameLength: 255, identify: plainArn('cloudwatch', name => `alarm:${name}`) },
  'AWS::CloudWatch::CompositeAlarm': {
    nameProperty: 'AlarmName',
    maxNameLength: 255,
    identify: plainArn('cloudwatch', name => `alarm:${name}`),
  },
  'AWS::CloudWatch::LogAlarm': { nameProperty: 'AlarmName', maxNameLength: 255, identify: plainArn('cloudwatch', name => `alarm:${name}`) },
  'AWS::CloudWatch::AlarmMuteRule': {
    nameProperty: 'Name',
    maxNameLength: 255,
    identify: byArn(
      'cloudwatch',
      name => `alarm-mute-rule:${name}`,
      arn => ({ Arn: arn }),
    ),
  },
  'AWS::CloudWatch::Dashboard': {
    nameProperty: 'DashboardName',
    maxNameLength: 255,
    identify: (name, { accountId }) => ({ ref: name, arn: `arn:aws:cloudwatch::${accountId}:dashboard/${name}`, attributes: {} }),
  },
  'AWS::DynamoDB::Table': { nameProperty: 'TableName', maxNameLength: 255, identify: table },
  'AWS::DynamoDB::GlobalTable': { nameProperty: 'TableName', maxNameLength: 255, identify: table },
  'AWS::IAM::Role': {
    nameProperty: 'RoleName',
    maxNameLength: 64,
    identify: (name, { accountId }) => {
      const arn = `arn:aws:iam::${accountId}:role/${name}`;
      return { ref: name, arn, attributes: { Arn: arn, RoleId: `AROA${name}` } };
    },
  },
  'AWS::IAM::Policy': { nameProperty: 'PolicyName', identify: unnamed },
  'AWS::IAM::ManagedPolicy': {
    nameProperty: 'ManagedPolicyName',
    identify: (name, { accountId }) => {
      const arn = `arn:aws:iam::${accountId}:policy/${name}`;
      return { ref: arn, arn, attributes: {} };
    },
  },
  'AWS::Lambda::Function': { nameProperty: 'FunctionName', maxNameLength: 64, identify: plainArn('lambda', name => `function:${name}`) },
  'AWS::Lambda::EventSourceMapping': { identify: unnamed },
  'AWS::Lambda::EventInvokeConfig': { identify: unnamed },
  'AWS::Lambda::Permission': { identify: unnamed },
  'AWS::Logs::LogGroup': {
    nameProperty: 'LogGroupName',
    maxNameLength: 512,
    identify: (name, { region, accountId }) => {
      const arn = `arn:aws:logs:${region}:${accountId}:log-group:${name}`;
      return { ref: name, arn: `${arn}:*`, attributes: { Arn: `${arn}:*` } };
    },
  },
  'AWS::Logs::MetricFilter': { nameProperty: 'FilterName', identify: unnamed },
  'AWS::Logs::SubscriptionFilter': { nameProperty: 'FilterName', identify: unnamed },
  'AWS::SNS::Topic': {
    nameProperty: 'TopicName',
    maxNameLength: 256,
    identify: byArn(
      'sns',
      name => name,
      (arn, name) => ({ TopicArn: arn, TopicName: name }),
    ),
  },
  'AWS::SNS::Subscription': {
    identify: (name, { region, accountId }) => ({
      ref: `arn:aws:sns:${region}:${accountId}:subscription:${name}`,
      arn: `arn:aws:sns:${region}:${accountId}:subscription:${name}`,
      attributes: { Arn: name },
    }),
  },
  'AWS::SQS::Queue': {
    nameProperty: 'QueueName',
    maxNameLength: 80,
    identify: (name, { region, accountId, endpointUrl }) => {
      const arn = `arn:aws:sqs:${region}:${accountId}:${name}`;
      const url = `${endpointUrl}/${accountId}/${name}`;
      return { ref: url, arn, attributes: { Arn: arn, QueueName: name, QueueUrl: url } };
    },
  },
  'AWS::Scheduler::Schedule': {
    nameProperty: 'Name',
    maxNameLength: 64,
    identify: plainArn('scheduler', name => `schedule/default/${name}`),
  },
  'AWS::Events::Rule': { nameProperty: 'Name', maxNameLength: 64, identify: plainArn('events', name => `rule/${name}`) },
  'AWS::SecretsManager::Secret': {
    nameProperty: 'Name',
    identify: byArn(
      'secretsmanager',
      name => `secret:${name}-LocaL1`,
      arn => ({ Id: arn }),
    ),
  },
};

/** Types that change nothing on one machine: they exist, and nothing asks for them. */
export const inertTypes: ReadonlySet<string> = new Set([
  'AWS::CDK::Metadata',
  'AWS::Budgets::Budget',
  'AWS::CloudWatch::AnomalyDetector',
  'AWS::Events::EventBusPolicy',
  'AWS::KMS::Alias',
  'AWS::KMS::Key',
  'AWS::Logs::QueryDefinition',
  'AWS::Logs::ResourcePolicy',
  'AWS::ResourceGroups::Group',
  'AWS::Scheduler::ScheduleGroup',
  'AWS::SecretsManager::ResourcePolicy',
  'AWS::SNS::TopicPolicy',
  'AWS::SQS::QueuePolicy',
  'AWS::SSM::Parameter',
]);
