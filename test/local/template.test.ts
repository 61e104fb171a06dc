import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadAssembly, resourcesOf } from '../../local/template/assembly.ts';
import type { Scope } from '../../local/template/intrinsics.ts';
import { resolve } from '../../local/template/intrinsics.ts';

const place = { region: 'us-east-1', accountId: '000000000000', endpointUrl: 'http://127.0.0.1:4399' };

/** CloudFormation's placeholders, which look like those of a template string: `<a>` is dollar, brace, a, brace. */
const sub = (text: string) => text.replace(/<(.+?)>/g, (_, name: string) => ['$', '{', name, '}'].join(''));

const scope: Scope = {
  stackName: 'Shop',
  ...place,
  parameters: { Stage: 'demo' },
  mappings: { Sizes: { 'us-east-1': { small: 2 } } },
  conditions: {
    IsDemo: { 'Fn::Equals': [{ Ref: 'Stage' }, 'demo'] },
    IsNot: { 'Fn::Not': [{ Condition: 'IsDemo' }] },
    Both: { 'Fn::And': [{ Condition: 'IsDemo' }, { Condition: 'IsNot' }] },
    Any: { 'Fn::Or': [{ Condition: 'IsDemo' }, { Condition: 'IsNot' }] },
  },
  refOf: id => (id === 'Queue' ? 'http://queue' : undefined),
  attributeOf: (id, name) => (id === 'Queue' && name === 'Arn' ? 'arn:queue' : undefined),
  importOf: name => (name === 'Shared:Arn' ? 'arn:shared' : undefined),
  outputOf: (stack, name) => (stack === 'Shared' && name === 'Out' ? 'output' : undefined),
  dynamicOf: (service, reference) => `<${service} ${reference}>`,
};

describe('intrinsic functions', () => {
  it.each([
    [{ Ref: 'Queue' }, 'http://queue'],
    [{ Ref: 'Stage' }, 'demo'],
    [{ Ref: 'AWS::Partition' }, 'aws'],
    [{ Ref: 'AWS::StackName' }, 'Shop'],
    [{ 'Fn::GetAtt': ['Queue', 'Arn'] }, 'arn:queue'],
    [{ 'Fn::GetAtt': 'Queue.Arn' }, 'arn:queue'],
    [{ 'Fn::Sub': sub('<AWS::Region>/<Queue.Arn>/<!literal>') }, `us-east-1/arn:queue/${sub('<literal>')}`],
    [{ 'Fn::Sub': [sub('<a>-<Stage>'), { a: { Ref: 'AWS::AccountId' } }] }, '000000000000-demo'],
    [{ 'Fn::Join': [':', ['a', { Ref: 'Stage' }]] }, 'a:demo'],
    [{ 'Fn::Select': [1, { 'Fn::Split': ['-', 'x-y-z'] }] }, 'y'],
    [{ 'Fn::If': ['IsDemo', 'yes', 'no'] }, 'yes'],
    [{ 'Fn::If': ['IsNot', 'yes', { Ref: 'AWS::NoValue' }] }, undefined],
    [{ 'Fn::If': ['Both', 1, { 'Fn::If': ['Any', 2, 3] }] }, 2],
    [{ 'Fn::FindInMap': ['Sizes', { Ref: 'AWS::Region' }, 'small'] }, 2],
    [{ 'Fn::Base64': 'text' }, 'dGV4dA=='],
    [{ 'Fn::ImportValue': 'Shared:Arn' }, 'arn:shared'],
    [{ 'Fn::GetStackOutput': { StackName: 'Shared', OutputName: 'Out' } }, 'output'],
    ['{{resolve:secretsmanager:name:SecretString:key}}', '<secretsmanager name:SecretString:key>'],
    [{ list: ['a', { Ref: 'AWS::NoValue' }, 'b'], gone: { Ref: 'AWS::NoValue' } }, { list: ['a', 'b'] }],
    [{ Condition: { StringEquals: { Ref: 'Stage' } } }, { Condition: { StringEquals: 'demo' } }],
  ])('%j becomes %j', (value, expected) => {
    expect(resolve(value, scope, 'Shop/X')).toEqual(expected);
  });

  it.each([
    [{ Ref: 'Nothing' }, 'UnresolvedReference at Shop/X.a.Ref: nothing in Shop is called "Nothing"'],
    [{ 'Fn::GetAtt': ['Queue', 'Colour'] }, 'UnresolvedAttribute at Shop/X.a.Fn::GetAtt: "Queue" has no attribute "Colour"'],
    [{ 'Fn::ImportValue': 'No' }, 'UnresolvedImport at Shop/X.a.Fn::ImportValue: no stack exports "No"'],
    [{ 'Fn::Transform': {} }, 'UnknownIntrinsic at Shop/X.a: Fn::Transform is not supported'],
  ])('%j is an error that names its place', (value, message) => {
    expect(() => resolve({ a: value }, scope, 'Shop/X')).toThrow(message);
  });
});

describe('an assembly', () => {
  it('names every type that the local stack does not know, in one error', () => {
    const template = {
      Resources: { Bucket: { Type: 'AWS::S3::Bucket' }, Ok: { Type: 'AWS::SNS::Topic' }, Cluster: { Type: 'AWS::ECS::Cluster' } },
    };
    expect(() => resourcesOf([{ name: 'Shop', template }], place, String)).toThrow(
      'UnknownResourceType: the local stack does not know AWS::S3::Bucket (Shop/Bucket), AWS::ECS::Cluster (Shop/Cluster)',
    );
  });

  it('joins stacks by exports and outputs, leaves out what a condition excludes, and makes the same names each time', () => {
    const load = () => loadAssembly(join(import.meta.dirname, 'fixtures/assembly'), place);
    const assembly = load();
    const ingest = assembly.ofType('AWS::Lambda::Function').find(({ path }) => path.includes('ingest'))!;
    expect(assembly.ofType('AWS::Logs::SubscriptionFilter')[0]!.properties['DestinationArn']).toBe(ingest.arn);
    expect(assembly.ofType('AWS::CloudWatch::Alarm')[0]!.properties['AlarmActions']).toEqual([
      'arn:aws:sns:us-east-1:000000000000:critical',
    ]);
    expect(assembly.ofType('AWS::SNS::Topic').map(({ logicalId }) => logicalId)).toEqual(['Topic']);
    expect(assembly.ofType('AWS::SQS::Queue').map(({ ref }) => ref)).toEqual([
      expect.stringMatching(/^http:\/\/127.0.0.1:4399\/000000000000\/Shared-Dead-[0-9A-F]{12}\.fifo$/),
      expect.stringMatching(/\.fifo$/),
    ]);
    expect(load().resources).toEqual(assembly.resources);
    expect(() => loadAssembly('/nowhere', place)).toThrow('NoAssembly at /nowhere');
  });
});
