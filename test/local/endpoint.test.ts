import {
  CloudWatchClient,
  DescribeAlarmsCommand,
  GetDashboardCommand,
  GetMetricDataCommand,
  ListMetricsCommand,
  PutMetricDataCommand,
} from '@aws-sdk/client-cloudwatch';
import {
  CloudWatchLogsClient,
  FilterLogEventsCommand,
  GetQueryResultsCommand,
  PutLogEventsCommand,
  StartQueryCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import {
  ConditionalCheckFailedException,
  DynamoDBClient,
  PutItemCommand,
  QueryCommand,
  TransactionCanceledException,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { ListSubscriptionsByTopicCommand, NotFoundException, PublishBatchCommand, PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import {
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  QueueDoesNotExist,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { AwsQueryProtocol, AwsSmithyRpcV2CborProtocol } from '@aws-sdk/core/protocols';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LocalStack } from '../../local/stack.ts';
import { startMs, startTestStack } from './local-stack.ts';

let stack: LocalStack;
let settings: {
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
};
beforeAll(async () => {
  stack = await startTestStack();
  settings = { endpoint: stack.endpoint.url, region: 'us-east-1', credentials: { accessKeyId: 'anybody', secretAccessKey: 'x' } };
});
afterAll(() => stack.close());

const table = () => [...stack.tables.keys()][0]!;
const S = (text: string) => ({ S: text });

describe('the real SDK clients against the one port', () => {
  it('DynamoDB: items, conditions, queries and transactions, with typed errors', async () => {
    const client = new DynamoDBClient(settings);
    const put = { TableName: table(), Item: { pk: S('a'), sk: S('1'), n: { N: '1' } }, ConditionExpression: 'attribute_not_exists(pk)' };
    await client.send(new PutItemCommand(put));
    await expect(client.send(new PutItemCommand({ ...put, ReturnValuesOnConditionCheckFailure: 'ALL_OLD' }))).rejects.toMatchObject({
      Item: { n: { N: '1' } },
    });
    await expect(client.send(new PutItemCommand(put))).rejects.toBeInstanceOf(ConditionalCheckFailedException);
    const found = await client.send(
      new QueryCommand({ TableName: table(), KeyConditionExpression: 'pk = :p', ExpressionAttributeValues: { ':p': S('a') } }),
    );
    expect(found.Items).toEqual([put.Item]);
    await expect(client.send(new TransactWriteItemsCommand({ TransactItems: [{ Put: put }] }))).rejects.toBeInstanceOf(
      TransactionCanceledException,
    );
  });

  it('SQS: batches, receipt handles, checksums and typed errors', async () => {
    const client = new SQSClient(settings);
    const QueueUrl = stack.queues.find(queue => queue.definition.name.includes('Dead'))!.definition.url;
    const entry = (Id: string, group: string) => ({ Id, MessageBody: `body ${Id}`, MessageGroupId: group, MessageDeduplicationId: Id });
    const sent = await client.send(new SendMessageBatchCommand({ QueueUrl, Entries: [entry('1', 'a'), entry('2', 'b'), entry('3', 'a')] }));
    expect(sent.Successful).toHaveLength(3);
    await client.send(new SendMessageBatchCommand({ QueueUrl, Entries: [entry('3', 'a')] }));
    const received = await client.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }));
    expect(received.Messages?.map(message => message.Body)).toEqual(['body 1', 'body 2', 'body 3']);
    await client.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: received.Messages![0]!.ReceiptHandle }));
    const { Attributes } = await client.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }));
    expect(Attributes).toMatchObject({ ApproximateNumberOfMessagesNotVisible: '2', ApproximateNumberOfMessages: '0' });
    await expect(client.send(new ReceiveMessageCommand({ QueueUrl: `${QueueUrl}x` }))).rejects.toBeInstanceOf(QueueDoesNotExist);
  });

  it('SNS (Query and XML): publish, batches, subscriptions, typed errors', async () => {
    const client = new SNSClient(settings);
    const TopicArn = stack.sns.topics[0]!.arn;
    expect((await client.send(new PublishCommand({ TopicArn, Message: '{"a":"<&>"}', Subject: 'test' }))).MessageId).toBeTruthy();
    const batch = await client.send(
      new PublishBatchCommand({
        TopicArn,
        PublishBatchRequestEntries: [
          { Id: 'x', Message: 'one' },
          { Id: 'y', Message: 'two' },
        ],
      }),
    );
    expect(batch.Successful?.map(({ Id }) => Id)).toEqual(['x', 'y']);
    expect((await client.send(new ListSubscriptionsByTopicCommand({ TopicArn }))).Subscriptions).toMatchObject([
      { Protocol: 'lambda', TopicArn },
    ]);
    await expect(client.send(new PublishCommand({ TopicArn: `${TopicArn}x`, Message: 'x' }))).rejects.toBeInstanceOf(NotFoundException);
    await stack.clock.idle();
  });

  it('CloudWatch: metrics in and out (gzip above 10 KB), alarms, dashboards', async () => {
    const client = new CloudWatchClient(settings);
    const at = new Date(startMs + 1_000);
    const datum = (MetricName: string, more: object) => ({
      MetricName,
      Timestamp: at,
      Dimensions: [{ Name: 'Strategy', Value: 's1' }],
      ...more,
    });
    await client.send(
      new PutMetricDataCommand({
        Namespace: 'T',
        MetricData: [
          datum('Latency', { Values: [1, 2, 10], Counts: [98, 1, 1], Unit: 'Milliseconds' }),
          datum('Stat', { StatisticValues: { SampleCount: 4, Sum: 8, Minimum: 2, Maximum: 2 } }),
        ],
      }),
    );
    const many = Array.from({ length: 200 }, (_, index) => datum(`M${index}`, { Value: index }));
    await client.send(new PutMetricDataCommand({ Namespace: 'Many', MetricData: many }));
    expect((await client.send(new ListMetricsCommand({ Namespace: 'Many' }))).Metrics).toHaveLength(200);
    const stat = (Id: string, Stat: string, MetricName = 'Latency') => ({
      Id,
      MetricStat: { Metric: { Namespace: 'T', MetricName, Dimensions: datum('', {}).Dimensions }, Stat, Period: 60 },
    });
    const data = await client.send(
      new GetMetricDataCommand({
        StartTime: new Date(startMs),
        EndTime: new Date(startMs + 60_000),
        MetricDataQueries: [
          stat('n', 'SampleCount'),
          stat('max', 'Maximum'),
          stat('s', 'Sum', 'Stat'),
          { Id: 'e', Expression: 'max * 2 + s' },
          { Id: 'found', Expression: `SEARCH('{T,Strategy} MetricName="Latency"', 'Sum', 60)` },
        ],
      }),
    );
    expect(data.MetricDataResults?.map(({ Id, Values }) => [Id, ...(Values ?? [])])).toEqual([
      ['n', 100],
      ['max', 10],
      ['s', 8],
      ['e', 28],
      ['found', 110],
    ]);
    expect((await client.send(new DescribeAlarmsCommand({}))).MetricAlarms).toMatchObject([
      { AlarmName: 'test-age-s1', StateValue: 'INSUFFICIENT_DATA', Threshold: 120 },
    ]);
    expect((await client.send(new GetDashboardCommand({ DashboardName: 'board' }))).DashboardBody).toContain('us-east-1');
    const old = { Namespace: 'T', MetricData: [{ MetricName: 'Old', Value: 1, Timestamp: new Date(startMs - 15 * 86_400_000) }] };
    await expect(client.send(new PutMetricDataCommand(old))).rejects.toThrow('two weeks');
  });

  it.each([
    ['CBOR', AwsSmithyRpcV2CborProtocol],
    ['Query', AwsQueryProtocol],
  ])('CloudWatch over %s: the same answers, with times and typed errors', async (_, protocol) => {
    const client = new CloudWatchClient({ ...settings, protocol });
    const metric = { Namespace: `Over${protocol.name}`, MetricName: 'M', Dimensions: [{ Name: 'D', Value: 'd' }] };
    const { Namespace, ...named } = metric;
    await client.send(
      new PutMetricDataCommand({ Namespace, MetricData: [{ ...named, Timestamp: new Date(startMs), Values: [1.5, -3], Counts: [2, 1] }] }),
    );
    expect((await client.send(new ListMetricsCommand({ Namespace }))).Metrics).toEqual([metric]);
    const MetricDataQueries = [{ Id: 'm', MetricStat: { Metric: metric, Stat: 'Minimum', Period: 60 } }];
    const data = await client.send(
      new GetMetricDataCommand({ StartTime: new Date(startMs), EndTime: new Date(startMs + 60_000), MetricDataQueries }),
    );
    expect(data.MetricDataResults).toMatchObject([{ Id: 'm', Timestamps: [new Date(startMs)], Values: [-3], StatusCode: 'Complete' }]);
    const { MetricAlarms } = await client.send(new DescribeAlarmsCommand({}));
    expect(MetricAlarms).toMatchObject([{ AlarmName: 'test-age-s1', Threshold: 120, StateUpdatedTimestamp: new Date(startMs) }]);
    await expect(client.send(new GetDashboardCommand({ DashboardName: 'none' }))).rejects.toThrow('Dashboard none does not exist');
  });

  it('Logs: put, filter, query', async () => {
    const client = new CloudWatchLogsClient(settings);
    const logGroupName = '/nightdesk/test/bot-1';
    const line = (level: string, at: number) => ({ timestamp: startMs + at, message: JSON.stringify({ level, strategyId: 's1', at }) });
    await client.send(
      new PutLogEventsCommand({ logGroupName, logStreamName: 'x', logEvents: [line('INFO', 1), line('ERROR', 2), line('ERROR', 3)] }),
    );
    const { events } = await client.send(new FilterLogEventsCommand({ logGroupName, filterPattern: '{ $.level = "ERROR" }' }));
    expect(events?.map(event => event.timestamp)).toEqual([startMs + 2, startMs + 3]);
    const query = { logGroupName, startTime: startMs / 1_000, endTime: startMs / 1_000 + 60 };
    const { queryId } = await client.send(new StartQueryCommand({ ...query, queryString: 'filter at > 1 | stats count(*) as n by level' }));
    const { results } = await client.send(new GetQueryResultsCommand({ queryId }));
    expect(results).toEqual([
      [
        { field: 'level', value: 'ERROR' },
        { field: 'n', value: '2' },
      ],
    ]);
    expect(stack.store().listMetrics({ metricName: 'ErrorCount' })).toMatchObject([{ dimensions: { Strategy: 's1' } }]);
  });

  it('Secrets Manager: stand-ins for whatever the stack refers to', async () => {
    const { SecretString } = await new SecretsManagerClient(settings).send(new GetSecretValueCommand({ SecretId: 'nightdesk/demo/slack' }));
    expect(SecretString).toBe('local-secret:nightdesk/demo/slack');
  });

  it('names an operation that it does not know', async () => {
    const answer = await fetch(stack.endpoint.url, {
      method: 'POST',
      headers: { 'x-amz-target': 'DynamoDB_20120810.ExportTable' },
      body: '{}',
    });
    expect([answer.status, await answer.json()]).toMatchObject([
      501,
      { message: expect.stringContaining('DynamoDB_20120810.ExportTable') as string },
    ]);
  });
});

it('says in one line that a port is taken', async () => {
  await expect(startTestStack({ port: stack.endpoint.port })).rejects.toThrow(
    `port ${stack.endpoint.port} is taken; choose another with --port`,
  );
});
