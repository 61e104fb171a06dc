/**
 * A bot on ECS with Fargate: the parts of a task definition, which examples/ecs/ uses in a CDK stack, and the whole of it as JSON.
 * Sources: Amazon ECS API reference, RegisterTaskDefinition and HealthCheck; ECS developer guide, "Send logs to CloudWatch" (mode);
 * CloudWatch user guide, "Deploy the CloudWatch agent on ECS" (CW_CONFIG_CONTENT).
 */
import { AGENT_NAMESPACE } from './agent-metrics.ts';
import type { HostFile } from './files.ts';
import { type HostBot, type HostProbe, healthPaths, healthPort } from './target.ts';

/** The agent beside the bot takes statsd and embedded metrics; what the task uses, ECS measures itself. */
export const agentSidecarConfig = (region: string) => ({
  agent: { metrics_collection_interval: 60, region, omit_hostname: true },
  metrics: {
    namespace: AGENT_NAMESPACE,
    metrics_collected: { statsd: { service_address: ':8125', metrics_collection_interval: 10, metrics_aggregation_interval: 60 } },
  },
  logs: { metrics_collected: { emf: {} } },
});

/** As AWS documents it; pin the version that you tested. */
export const agentImage = 'public.ecr.aws/cloudwatch-agent/cloudwatch-agent:latest';

/** Images carry curl or wget, rarely both. Any answer but 2xx and 3xx fails, and so does none within the time. */
export function healthCommand(path: string, timeoutSeconds: number): string {
  const url = `http://127.0.0.1:${healthPort}${path}`;
  return `curl -fsS -o /dev/null --max-time ${timeoutSeconds} ${url} || wget -q -T ${timeoutSeconds} -O /dev/null ${url} || exit 1`;
}

/** ECS knows one health check: it restarts, so it asks for liveness. Seconds within the ranges that ECS takes. */
export const healthCheckOf = ({ liveness, startup }: Readonly<Record<'liveness' | 'startup', HostProbe>>) => ({
  command: healthCommand(healthPaths.liveness, liveness.timeoutSeconds),
  intervalSeconds: Math.min(300, Math.max(5, liveness.periodSeconds)),
  // Both programs may have to run into their own limit.
  timeoutSeconds: Math.min(60, 2 * liveness.timeoutSeconds + 1),
  retries: Math.min(10, liveness.failureThreshold),
  startPeriodSeconds: Math.min(300, startup.periodSeconds * startup.failureThreshold),
});

/**
 * The driver’s default drops lines when its buffer is full, and P&L would be wrong without a trace; blocking waits instead. A bot that
 * must never wait for its log writes to intake with a spool, or uses FireLens with a buffer on disk.
 */
export const LOG_MODE = 'blocking';

export const ecsFiles = (bot: HostBot): readonly HostFile[] => [
  { name: 'task-definition.json', text: `${JSON.stringify(taskDefinition(bot), undefined, 2)}\n` },
];

function taskDefinition(bot: HostBot) {
  const { region, accountId, image } = bot.options;
  const role = (kind: string) => `arn:aws:iam::${accountId}:role/${bot.name}-${kind}`;
  const check = healthCheckOf(bot.probes);
  const agentGroup = `/ecs/${bot.name}-agent`;
  return {
    family: bot.name,
    networkMode: 'awsvpc',
    requiresCompatibilities: ['FARGATE'],
    runtimePlatform: { cpuArchitecture: 'ARM64', operatingSystemFamily: 'LINUX' },
    cpu: '512',
    memory: '1024',
    executionRoleArn: role('execution'),
    taskRoleArn: role('task'),
    volumes: [{ name: 'spool' }],
    containerDefinitions: [
      {
        name: 'bot',
        image,
        essential: true,
        readonlyRootFilesystem: true,
        user: '10001',
        stopTimeout: 30,
        linuxParameters: { initProcessEnabled: true },
        environment: [
          { name: 'NIGHTDESK_BOT', value: bot.id },
          ...(bot.hasIntake
            ? [
                { name: 'NIGHTDESK_URL', value: bot.intakeUrl },
                { name: 'NIGHTDESK_SPOOL', value: '/var/lib/nightdesk/spool' },
              ]
            : []),
          { name: 'AWS_EMF_LOG_GROUP_NAME', value: agentGroup },
        ],
        ...(bot.keySecret === undefined ? {} : { secrets: [{ name: 'NIGHTDESK_KEY', valueFrom: secretArn(bot, bot.keySecret) }] }),
        mountPoints: [{ sourceVolume: 'spool', containerPath: '/var/lib/nightdesk', readOnly: false }],
        healthCheck: {
          command: ['CMD-SHELL', check.command],
          interval: check.intervalSeconds,
          timeout: check.timeoutSeconds,
          retries: check.retries,
          startPeriod: check.startPeriodSeconds,
        },
        logConfiguration: {
          logDriver: 'awslogs',
          options: {
            'awslogs-group': bot.logGroup,
            'awslogs-region': region,
            'awslogs-stream-prefix': bot.name,
            mode: LOG_MODE,
          },
        },
      },
      {
        name: 'cloudwatch-agent',
        image: agentImage,
        essential: false,
        environment: [{ name: 'CW_CONFIG_CONTENT', value: JSON.stringify(agentSidecarConfig(region)) }],
        logConfiguration: {
          logDriver: 'awslogs',
          options: {
            'awslogs-group': agentGroup,
            'awslogs-region': region,
            'awslogs-stream-prefix': 'agent',
            'awslogs-create-group': 'true',
          },
        },
      },
    ],
  };
}

const secretArn = ({ options }: HostBot, name: string): string =>
  name.startsWith('arn:') ? name : `arn:aws:secretsmanager:${options.region}:${options.accountId}:secret:${name}`;
