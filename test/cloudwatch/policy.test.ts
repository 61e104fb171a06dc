import { describe, expect, test } from 'vitest';
import { decide, isAllowed, parsePolicy } from '../../core/cloudwatch/policy.ts';

function statements(...list: readonly unknown[]) {
  const parsed = parsePolicy({ Version: '2012-10-17', Statement: list });
  if (!parsed.ok) throw new Error(parsed.error.message);
  return parsed.value;
}

const TABLE = 'arn:aws:dynamodb:eu-west-1:111122223333:table/state';

describe('statements', () => {
  const policy = statements(
    { Effect: 'Allow', Action: ['dynamodb:GetItem', 'dynamodb:Batch*'], Resource: [TABLE, `${TABLE}/index/*`] },
    { Effect: 'Allow', Action: 'sqs:*', Resource: 'arn:aws:sqs:*:*:nightdesk-?.fifo' },
    { Effect: 'Deny', Action: 'dynamodb:BatchWriteItem', Resource: '*' },
    { Effect: 'Allow', NotAction: 'iam:*', Resource: 'arn:aws:s3:::bucket/*' },
  );

  test.each([
    ['dynamodb:GetItem', TABLE, 'allowed'],
    ['dynamodb:getitem', TABLE, 'allowed'],
    ['dynamodb:PutItem', TABLE, 'implicitDeny'],
    ['dynamodb:GetItem', `${TABLE}-other`, 'implicitDeny'],
    ['dynamodb:Query', `${TABLE}/index/a`, 'implicitDeny'],
    ['dynamodb:BatchGetItem', `${TABLE}/index/a`, 'allowed'],
    ['dynamodb:BatchWriteItem', TABLE, 'explicitDeny'],
    ['sqs:SendMessage', 'arn:aws:sqs:eu-west-1:111122223333:nightdesk-a.fifo', 'allowed'],
    ['sqs:SendMessage', 'arn:aws:sqs:eu-west-1:111122223333:nightdesk-ab.fifo', 'implicitDeny'],
    ['s3:GetObject', 'arn:aws:s3:::bucket/key', 'allowed'],
    ['iam:PassRole', 'arn:aws:s3:::bucket/key', 'implicitDeny'],
  ])('%s on %s: %s', (action, resource, because) => {
    expect(decide(policy, action, resource).because).toBe(because);
  });
});

describe('conditions', () => {
  const allow = (condition: unknown) =>
    statements({ Effect: 'Allow', Action: 'cloudwatch:PutMetricData', Resource: '*', Condition: condition });

  test.each([
    [{ StringEquals: { 'cloudwatch:namespace': 'Nightdesk/demo' } }, { 'cloudwatch:namespace': 'Nightdesk/demo' }, true],
    [{ StringEquals: { 'cloudwatch:namespace': ['a', 'b'] } }, { 'cloudwatch:namespace': 'b' }, true],
    [{ StringEquals: { 'cloudwatch:namespace': 'a' } }, { 'CloudWatch:Namespace': 'b' }, false],
    [{ StringEquals: { 'cloudwatch:namespace': 'a' } }, {}, false],
    [{ StringEqualsIfExists: { 'cloudwatch:namespace': 'a' } }, {}, true],
    [{ StringLike: { 'cloudwatch:namespace': 'Nightdesk/*' } }, { 'cloudwatch:namespace': 'Nightdesk/x' }, true],
    [{ StringNotLike: { 'cloudwatch:namespace': 'AWS/*' } }, { 'cloudwatch:namespace': 'AWS/Logs' }, false],
    [{ Bool: { 'aws:SecureTransport': 'true' } }, { 'aws:SecureTransport': true }, true],
    [{ Bool: { 'aws:SecureTransport': 'true' } }, { 'aws:SecureTransport': false }, false],
    [{ ArnLike: { 'aws:SourceArn': 'arn:aws:sns:*:*:topic' } }, { 'aws:SourceArn': 'arn:aws:sns:eu-west-1:1:topic' }, true],
    [{ 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['STRATEGY#*'] } }, { 'dynamodb:LeadingKeys': ['STRATEGY#a', 'BOT#a'] }, false],
    [{ 'ForAnyValue:StringLike': { 'dynamodb:LeadingKeys': ['STRATEGY#*'] } }, { 'dynamodb:LeadingKeys': ['STRATEGY#a', 'BOT#a'] }, true],
    [{ Null: { 'aws:TokenIssueTime': 'true' } }, {}, true],
    [{ IpAddress: { 'aws:SourceIp': '10.0.0.0/8' } }, { 'aws:SourceIp': '10.1.1.1' }, false],
  ])('%j with %j: %s', (condition, context, expected) => {
    expect(isAllowed(allow(condition), 'cloudwatch:PutMetricData', '*', context)).toBe(expected);
  });

  test('a Deny with a condition that is not known stays a Deny', () => {
    const policy = statements(
      { Effect: 'Allow', Action: '*', Resource: '*' },
      { Effect: 'Deny', Action: '*', Resource: '*', Condition: { IpAddress: { 'aws:SourceIp': '10.0.0.0/8' } } },
    );
    expect(isAllowed(policy, 'sns:Publish', '*')).toBe(false);
  });

  test('a topic policy that denies plain HTTP lets TLS through', () => {
    const policy = statements(
      { Effect: 'Allow', Action: 'sns:Publish', Resource: '*' },
      { Effect: 'Deny', Action: 'sns:Publish', Resource: '*', Condition: { Bool: { 'aws:SecureTransport': 'false' } } },
    );
    expect([true, false].map(secure => isAllowed(policy, 'sns:Publish', 'arn:x', { 'aws:SecureTransport': secure }))).toEqual([
      true,
      false,
    ]);
  });
});

test('a document without statements, or with a strange effect, is refused', () => {
  expect(parsePolicy({}).ok).toBe(false);
  expect(parsePolicy({ Statement: [{ Effect: 'Maybe' }] }).ok).toBe(false);
});
