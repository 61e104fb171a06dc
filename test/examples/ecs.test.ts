import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseConfig } from '../../core/config/parse.ts';
import { BotService } from '../../examples/ecs/stack.ts';
import nightdeskConfig from '../../examples/nightdesk.config.ts';
import { monitorApp } from '../../lib/synth.ts';

const outDir = mkdtempSync(join(tmpdir(), 'nightdesk-ecs-'));
const template = join(outDir, 'MomentumBtc.template.json');
const hasLinter = spawnSync('cfn-lint', ['--version']).status === 0;
afterAll(() => rmSync(outDir, { recursive: true, force: true }));

interface Resource {
  readonly Type: string;
  readonly Properties: Readonly<Record<string, unknown>>;
}
let resources: readonly Resource[];
const ofType = (type: string) => resources.filter(({ Type }) => Type === type).map(({ Properties }) => Properties);

beforeAll(() => {
  const config = parseConfig(nightdeskConfig);
  if (!config.ok) throw new Error(JSON.stringify(config.error));
  const setting = process.env['CDK_VALIDATION'];
  process.env['CDK_VALIDATION'] = 'true';
  try {
    const app = monitorApp(outDir);
    Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
    new BotService(app, 'MomentumBtc', {
      config: config.value,
      botId: 'momentum-btc',
      image: 'registry.example/momentum-btc:1.0.0',
      intakeUrl: 'https://intake.example/events',
    });
    // Throws for every finding of the CDK's own rules and of cdk-nag that is not acknowledged with its reason.
    app.synth();
    resources = Object.values((JSON.parse(readFileSync(template, 'utf8')) as { readonly Resources: Record<string, Resource> }).Resources);
  } finally {
    process.env['CDK_VALIDATION'] = setting;
  }
}, 120_000);

describe('the bot as a Fargate service', () => {
  it('never runs twice, and gives a failed deployment back', () => {
    expect(ofType('AWS::ECS::Service')).toMatchObject([
      {
        LaunchType: 'FARGATE',
        DesiredCount: 1,
        DeploymentConfiguration: {
          MinimumHealthyPercent: 0,
          MaximumPercent: 100,
          DeploymentCircuitBreaker: { Enable: true, Rollback: true },
        },
      },
    ]);
  });

  it('is restarted by its liveness, waits for its log instead of dropping lines, and gets its key from Secrets Manager', () => {
    const [task] = ofType('AWS::ECS::TaskDefinition');
    const [bot, agent] = task!['ContainerDefinitions'] as readonly Record<string, unknown>[];
    expect(bot).toMatchObject({
      Essential: true,
      ReadonlyRootFilesystem: true,
      HealthCheck: {
        Command: ['CMD-SHELL', expect.stringContaining('http://127.0.0.1:8080/healthz')],
        Interval: 10,
        Retries: 3,
        StartPeriod: 120,
      },
      LogConfiguration: { LogDriver: 'awslogs', Options: { 'awslogs-group': '/nightdesk/demo/momentum-btc', mode: 'blocking' } },
      Secrets: [{ Name: 'NIGHTDESK_KEY' }],
    });
    expect(bot!['Environment']).toEqual(
      expect.arrayContaining([{ Name: 'NIGHTDESK_URL', Value: 'https://intake.example/events/momentum-btc' }]),
    );
    expect(agent).toMatchObject({ Name: 'cloudwatch-agent', Essential: false });
  });

  it('lets the agent send what it takes: statsd to its own namespace, embedded metrics to its own group', () => {
    const statements = ofType('AWS::IAM::Policy').flatMap(
      ({ PolicyDocument }) => (PolicyDocument as { readonly Statement: unknown[] }).Statement,
    );
    expect(statements).toContainEqual({
      Effect: 'Allow',
      Action: 'cloudwatch:PutMetricData',
      Resource: '*',
      Condition: { StringEquals: { 'cloudwatch:namespace': 'CWAgent' } },
    });
    const [bot, agent] = ofType('AWS::ECS::TaskDefinition')[0]!['ContainerDefinitions'] as readonly Record<string, unknown>[];
    expect(JSON.stringify(agent!['Environment'])).toContain('CWAgent');
    const group = { Ref: expect.stringMatching(/^AgentLog/) as string };
    expect(bot!['Environment']).toContainEqual({ Name: 'AWS_EMF_LOG_GROUP_NAME', Value: group });
  });

  it.skipIf(!hasLinter)(
    'passes cfn-lint (where it is installed)',
    () => {
      expect(execFileSync('cfn-lint', ['--ignore-checks', 'W', 'I', '--', template], { encoding: 'utf8' })).toBe('');
    },
    120_000,
  );
});
