/**
 * A bot on Kubernetes: its Deployment and ServiceAccount, and Fluent Bit beside it on each node.
 * Sources: Kubernetes API reference v1.34 (apps/v1 Deployment and DaemonSet, core/v1), Amazon EKS user guide (IAM roles for service
 * accounts, Pod Identity), Fluent Bit manual (tail, cloudwatch_logs, storage).
 */
import { stringify } from 'yaml';
import type { HostFile } from './files.ts';
import { hostName } from './host-name.ts';
import { type HostBot, type HostProbe, healthPort } from './target.ts';

export const kubernetesFiles = (bot: HostBot): readonly HostFile[] => [
  { name: 'bot.yaml', text: documents(`Bot ${bot.id}. ${roleNote}`, [serviceAccount(bot, bot.name), deployment(bot)]) },
  ...(bot.isOutside ? [] : [{ name: 'fluent-bit.yaml', text: documents(shipperNote, fluentBit(bot)) }]),
];

const roleNote =
  'The annotation is for IAM roles for service accounts; with Pod Identity leave it out and create an association for this service account.';
const shipperNote =
  'Fluent Bit sends the bot’s lines to its log group as they are. It needs logs:CreateLogStream and logs:PutLogEvents on that group only.';

/** Kubernetes reads YAML 1.1, where a bot called `no` would be a boolean, were it not in quotes. */
const documents = (comment: string, objects: readonly object[]): string =>
  `# ${comment}\n${objects.map(object => stringify(object, { version: '1.1', lineWidth: 0, aliasDuplicateObjects: false })).join('---\n')}`;

const labelsOf = (bot: HostBot, component: string) => ({
  'app.kubernetes.io/name': bot.name,
  'app.kubernetes.io/component': component,
  'app.kubernetes.io/part-of': `nightdesk-${hostName(bot.stage)}`,
});

const serviceAccount = (bot: HostBot, name: string) => ({
  apiVersion: 'v1',
  kind: 'ServiceAccount',
  metadata: {
    name,
    namespace: bot.namespace,
    annotations: { 'eks.amazonaws.com/role-arn': `arn:aws:iam::${bot.options.accountId}:role/${name}` },
  },
});

const probe = ({ path, periodSeconds, timeoutSeconds, failureThreshold }: HostProbe) => ({
  httpGet: { path, port: 'health' },
  periodSeconds,
  timeoutSeconds,
  failureThreshold,
});

/** Nothing to write to but the spool, no rights, no shell needed. */
const hardened = {
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  capabilities: { drop: ['ALL'] },
};

function deployment(bot: HostBot) {
  const labels = labelsOf(bot, 'bot');
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: bot.name, namespace: bot.namespace, labels },
    spec: {
      replicas: 1,
      // Never two instances of one strategy at the same time: the old one stops before the new one starts.
      strategy: { type: 'Recreate' },
      selector: { matchLabels: { 'app.kubernetes.io/name': bot.name, 'app.kubernetes.io/component': 'bot' } },
      template: {
        metadata: { labels },
        spec: {
          serviceAccountName: bot.name,
          // Time to cancel orders and to say "stopping".
          terminationGracePeriodSeconds: 30,
          securityContext: { runAsNonRoot: true, runAsUser: 10_001, fsGroup: 10_001, seccompProfile: { type: 'RuntimeDefault' } },
          containers: [
            {
              name: 'bot',
              image: bot.options.image,
              ports: [{ name: 'health', containerPort: healthPort, protocol: 'TCP' }],
              env: environment(bot),
              startupProbe: probe(bot.probes.startup),
              livenessProbe: probe(bot.probes.liveness),
              readinessProbe: probe(bot.probes.readiness),
              // Equal memory request and limit: the kernel takes no memory from it while it trades. No processor limit: throttling is latency.
              resources: { requests: { cpu: '500m', memory: '512Mi' }, limits: { memory: '512Mi' } },
              securityContext: hardened,
              volumeMounts: [{ name: 'spool', mountPath: '/var/lib/nightdesk' }],
            },
          ],
          volumes: [{ name: 'spool', emptyDir: { sizeLimit: '256Mi' } }],
        },
      },
    },
  };
}

const environment = (bot: HostBot) => [
  { name: 'NIGHTDESK_BOT', value: bot.id },
  ...(bot.hasIntake
    ? [
        { name: 'NIGHTDESK_URL', value: bot.intakeUrl },
        { name: 'NIGHTDESK_SPOOL', value: '/var/lib/nightdesk/spool' },
        { name: 'NIGHTDESK_KEY', valueFrom: { secretKeyRef: { name: `${bot.name}-nightdesk`, key: 'key' } } },
      ]
    : []),
];

function fluentBit(bot: HostBot): readonly object[] {
  const name = `${bot.name}-logs`;
  const labels = labelsOf(bot, 'logs');
  return [
    serviceAccount(bot, name),
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name, namespace: bot.namespace, labels },
      data: { 'fluent-bit.conf': fluentBitConf(bot) },
    },
    {
      apiVersion: 'apps/v1',
      kind: 'DaemonSet',
      metadata: { name, namespace: bot.namespace, labels },
      spec: {
        selector: { matchLabels: { 'app.kubernetes.io/name': bot.name, 'app.kubernetes.io/component': 'logs' } },
        template: {
          metadata: { labels },
          spec: {
            serviceAccountName: name,
            terminationGracePeriodSeconds: 30,
            tolerations: [{ operator: 'Exists' }],
            containers: [
              {
                name: 'fluent-bit',
                // As AWS documents it; pin the version that you tested.
                image: 'public.ecr.aws/aws-observability/aws-for-fluent-bit:stable',
                args: ['/fluent-bit/bin/fluent-bit', '-c', '/nightdesk/fluent-bit.conf'],
                env: [{ name: 'NODE_NAME', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } }],
                resources: { requests: { cpu: '50m', memory: '64Mi' }, limits: { memory: '128Mi' } },
                // The log files of a node belong to root.
                securityContext: { ...hardened, runAsUser: 0 },
                volumeMounts: [
                  { name: 'config', mountPath: '/nightdesk', readOnly: true },
                  { name: 'logs', mountPath: '/var/log', readOnly: true },
                  { name: 'buffer', mountPath: '/buffer' },
                ],
              },
            ],
            volumes: [
              { name: 'config', configMap: { name } },
              { name: 'logs', hostPath: { path: '/var/log' } },
              { name: 'buffer', hostPath: { path: `/var/lib/${name}`, type: 'DirectoryOrCreate' } },
            ],
          },
        },
      },
    },
  ];
}

/**
 * Positions and unsent lines stand on the node's disk, so that neither a restart nor an outage of CloudWatch loses a line, up to the limit
 * of what is unsent; beyond it the oldest go. Memory: a chunk has 2 MB and its output may need as much again, so 16 of them and 16 MB of
 * backlog stay within the container's 128 Mi. Retries wait at most a minute; by default it would be half an hour after an outage has ended.
 * Sources: Fluent Bit manual, "Buffering and storage", "Backpressure", "Scheduling and retries"; AWS for Fluent Bit, "FireLens OOMKill
 * prevention guide" (twice the inputs' chunks).
 */
const fluentBitConf = (bot: HostBot): string => `[SERVICE]
    Flush                     1
    Grace                     25
    Log_Level                 warn
    scheduler.cap             60
    storage.path              /buffer/chunks
    storage.sync              full
    storage.checksum          on
    storage.max_chunks_up     16
    storage.backlog.mem_limit 16M

[INPUT]
    Name                      tail
    Tag                       bot
    Path                      /var/log/containers/${bot.name}-*_${bot.namespace}_bot-*.log
    multiline.parser          docker, cri
    DB                        /buffer/tail.db
    DB.sync                   full
    Read_from_Head            true
    Refresh_Interval          5
    Rotate_Wait               30
    Buffer_Chunk_Size         64k
    Buffer_Max_Size           2M
    Skip_Long_Lines           on
    storage.type              filesystem

[OUTPUT]
    Name                      cloudwatch_logs
    Match                     bot
    region                    ${bot.options.region}
    log_group_name            ${bot.logGroup}
    log_stream_name           \${NODE_NAME}
    log_key                   log
    auto_create_group         false
    auto_retry_requests       true
    Retry_Limit               no_limits
    storage.total_limit_size  512M
`;
