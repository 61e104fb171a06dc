/** What the files of examples/ may hold, by the documentation of those who read them. A key that is not here fails the test. */

/** A type, anything, a list, or an object with its required and optional fields. */
export type Shape =
  | 'string'
  | 'number'
  | 'boolean'
  | 'any'
  | { readonly each: Shape }
  | { readonly required: Readonly<Record<string, Shape>>; readonly optional: Readonly<Record<string, Shape>> };

const object = (required: Readonly<Record<string, Shape>>, optional: Readonly<Record<string, Shape>> = {}): Shape => ({
  required,
  optional,
});
const each = (shape: Shape): Shape => ({ each: shape });

/*
 * Kubernetes. Source: the API reference, in the repository kubernetes/website under content/en/docs/reference/kubernetes-api/:
 * workload-resources/deployment-v1.md, daemon-set-v1.md and pod-v1.md (PodSpec, Container, Probe), config-and-storage-resources/volume.md
 * and config-map-v1.md, authentication-resources/service-account-v1.md, common-definitions/object-meta.md; read 2026-11. Required are the
 * fields that the reference marks so (a selector, a template, containers and their names, names of volumes, the path of a hostPath, the
 * port of an httpGet, the key of a secretKeyRef), and a container's image, which a Deployment cannot run without.
 */
const metadata = object({ name: 'string' }, { namespace: 'string', labels: 'any', annotations: 'any' });
const httpGet = object({ port: 'any' }, { path: 'string', host: 'string', scheme: 'string', httpHeaders: 'any' });
const probe = object(
  {},
  {
    httpGet,
    periodSeconds: 'number',
    timeoutSeconds: 'number',
    failureThreshold: 'number',
    successThreshold: 'number',
    initialDelaySeconds: 'number',
    terminationGracePeriodSeconds: 'number',
  },
);
const environment = object(
  { name: 'string' },
  {
    value: 'string',
    valueFrom: object(
      {},
      {
        secretKeyRef: object({ key: 'string' }, { name: 'string', optional: 'boolean' }),
        fieldRef: object({ fieldPath: 'string' }, { apiVersion: 'string' }),
      },
    ),
  },
);
const containerSecurity = object(
  {},
  {
    allowPrivilegeEscalation: 'boolean',
    readOnlyRootFilesystem: 'boolean',
    runAsUser: 'number',
    runAsNonRoot: 'boolean',
    capabilities: object({}, { drop: each('string'), add: each('string') }),
  },
);
const container = object(
  { name: 'string', image: 'string' },
  {
    args: each('string'),
    command: each('string'),
    env: each(environment),
    ports: each(object({ containerPort: 'number' }, { name: 'string', protocol: 'string' })),
    startupProbe: probe,
    livenessProbe: probe,
    readinessProbe: probe,
    resources: object({}, { requests: 'any', limits: 'any' }),
    securityContext: containerSecurity,
    volumeMounts: each(object({ name: 'string', mountPath: 'string' }, { readOnly: 'boolean', subPath: 'string' })),
  },
);
const volume = object(
  { name: 'string' },
  {
    emptyDir: object({}, { sizeLimit: 'string', medium: 'string' }),
    configMap: object({}, { name: 'string' }),
    hostPath: object({ path: 'string' }, { type: 'string' }),
  },
);
const podSpec = object(
  { containers: each(container) },
  {
    serviceAccountName: 'string',
    terminationGracePeriodSeconds: 'number',
    tolerations: 'any',
    volumes: each(volume),
    securityContext: object(
      {},
      { runAsNonRoot: 'boolean', runAsUser: 'number', fsGroup: 'number', seccompProfile: object({ type: 'string' }) },
    ),
  },
);
const template = object({ spec: podSpec }, { metadata: object({}, { labels: 'any', annotations: 'any' }) });
const selector = object({}, { matchLabels: 'any', matchExpressions: 'any' });
const typed = { apiVersion: 'string', kind: 'string', metadata } as const;

export const kubernetesShapes: Readonly<Record<string, Shape>> = {
  ServiceAccount: object(typed, { automountServiceAccountToken: 'boolean' }),
  ConfigMap: object(typed, { data: 'any', binaryData: 'any', immutable: 'boolean' }),
  Deployment: object({
    ...typed,
    spec: object({ selector, template }, { replicas: 'number', strategy: object({}, { type: 'string', rollingUpdate: 'any' }) }),
  }),
  DaemonSet: object({ ...typed, spec: object({ selector, template }, { updateStrategy: 'any' }) }),
};

/*
 * Fluent Bit. Source: the manual, in the repository fluent/fluent-bit-docs, read 2026-11; the page stands at each list. Keys are
 * case-insensitive there.
 */
export const fluentBitPlugins = ['tail', 'cloudwatch_logs'];

export const fluentBitKeys: Readonly<Record<string, readonly string[]>> = {
  // administration/configuring-fluent-bit/yaml/service-section.md, classic-mode/configuration-file.md, administration/buffering-and-storage.md
  SERVICE: [
    'flush',
    'grace',
    'daemon',
    'dns.mode',
    'log_file',
    'log_level',
    'parsers_file',
    'plugins_file',
    'http_server',
    'http_listen',
    'http_port',
    'hot_reload',
    'scheduler.base',
    'scheduler.cap',
    'storage.path',
    'storage.sync',
    'storage.checksum',
    'storage.max_chunks_up',
    'storage.backlog.mem_limit',
    'storage.metrics',
    'storage.delete_irrecoverable_chunks',
  ],
  // classic-mode/configuration-file.md; storage.* and mem_buf_limit: administration/buffering-and-storage.md, administration/backpressure.md
  INPUT: ['name', 'tag', 'alias', 'log_level', 'storage.type', 'storage.pause_on_chunks_overlimit', 'mem_buf_limit'],
  // classic-mode/configuration-file.md; retry_limit: administration/scheduling-and-retries.md; workers: administration/multithreading.md
  OUTPUT: ['name', 'match', 'match_regex', 'alias', 'log_level', 'retry_limit', 'workers', 'storage.total_limit_size'],
  // pipeline/inputs/tail.md
  tail: [
    'buffer_chunk_size',
    'buffer_max_size',
    'path',
    'path_key',
    'exclude_path',
    'offset_key',
    'read_from_head',
    'refresh_interval',
    'rotate_wait',
    'ignore_older',
    'skip_long_lines',
    'skip_empty_lines',
    'db',
    'db.sync',
    'db.locking',
    'db.journal_mode',
    'db.compare_filename',
    'exit_on_eof',
    'parser',
    'key',
    'inotify_watcher',
    'tag_regex',
    'static_batch_size',
    'multiline.parser',
  ],
  // pipeline/outputs/cloudwatch.md
  cloudwatch_logs: [
    'region',
    'log_group_name',
    'log_group_template',
    'log_stream_name',
    'log_stream_prefix',
    'log_stream_template',
    'log_key',
    'log_format',
    'log_retention_days',
    'log_group_class',
    'metric_namespace',
    'metric_dimensions',
    'role_arn',
    'external_id',
    'endpoint',
    'sts_endpoint',
    'auto_create_group',
    'auto_retry_requests',
    'profile',
  ],
};

/*
 * CloudWatch agent. Source: its own schema, translator/config/schema.json of the repository aws/amazon-cloudwatch-agent, and where that
 * allows any key (`agent`) or does not name it (`drop_original_metrics`, `emf`) the CloudWatch user guide: "Manually create or edit the
 * CloudWatch agent configuration file", "Collect process metrics with the procstat plugin", "Using the CloudWatch agent to send embedded
 * metric format logs"; read 2026-11.
 */
const plugin = (more: Readonly<Record<string, Shape>> = {}): Shape =>
  object(
    { measurement: each('string') },
    { metrics_collection_interval: 'number', append_dimensions: 'any', drop_original_metrics: each('string'), ...more },
  );
const resources = { resources: each('string') };

export const agentKeys: Shape = object(
  {},
  {
    agent: object(
      {},
      {
        metrics_collection_interval: 'number',
        region: 'string',
        run_as_user: 'string',
        omit_hostname: 'boolean',
        logfile: 'string',
        debug: 'boolean',
      },
    ),
    metrics: object(
      {
        metrics_collected: object(
          {},
          {
            cpu: plugin({ ...resources, totalcpu: 'boolean' }),
            mem: plugin(),
            disk: plugin({ ...resources, ignore_file_system_types: each('string'), drop_device: 'boolean' }),
            diskio: plugin(resources),
            net: plugin(resources),
            netstat: plugin(),
            swap: plugin(),
            processes: plugin(),
            procstat: each(plugin({ pid_file: 'string', exe: 'string', pattern: 'string' })),
            statsd: object(
              {},
              {
                service_address: 'string',
                metrics_collection_interval: 'number',
                metrics_aggregation_interval: 'number',
                metric_separator: 'string',
                allowed_pending_messages: 'number',
                drop_original_metrics: each('string'),
              },
            ),
          },
        ),
      },
      { namespace: 'string', append_dimensions: 'any', aggregation_dimensions: each(each('string')), force_flush_interval: 'number' },
    ),
    logs: object(
      {},
      {
        force_flush_interval: 'number',
        log_stream_name: 'string',
        metrics_collected: object({}, { emf: 'any' }),
        logs_collected: object(
          {},
          {
            files: object({
              collect_list: each(
                object(
                  { file_path: 'string' },
                  {
                    log_group_name: 'string',
                    log_stream_name: 'string',
                    log_group_class: 'string',
                    retention_in_days: 'number',
                    timestamp_format: 'string',
                    timezone: 'string',
                    trim_timestamp: 'boolean',
                    backpressure_mode: 'string',
                    publish_multi_logs: 'boolean',
                    blacklist: 'string',
                    multi_line_start_pattern: 'string',
                    encoding: 'string',
                    auto_removal: 'boolean',
                    filters: 'any',
                  },
                ),
              ),
            }),
          },
        ),
      },
    ),
  },
);

/**
 * Measurements on Linux. Source: CloudWatch user guide, "Metrics collected by the CloudWatch agent on Linux and macOS instances"; `procstat`:
 * "Metrics collected by procstat"; in the repository awsdocs/amazon-cloudwatch-user-guide, doc_source/metrics-collected-by-CloudWatch-agent.md
 * and CloudWatch-Agent-procstat-process-metrics.md. Complete, but for `procstat`, whose resource limits beyond those of files are left out.
 */
export const measurements: Readonly<Record<string, readonly string[]>> = {
  cpu: [
    'time_active',
    'time_guest',
    'time_guest_nice',
    'time_idle',
    'time_iowait',
    'time_irq',
    'time_nice',
    'time_softirq',
    'time_steal',
    'time_system',
    'time_user',
    'usage_active',
    'usage_guest',
    'usage_guest_nice',
    'usage_idle',
    'usage_iowait',
    'usage_irq',
    'usage_nice',
    'usage_softirq',
    'usage_steal',
    'usage_system',
    'usage_user',
  ],
  mem: ['active', 'available', 'available_percent', 'buffered', 'cached', 'free', 'inactive', 'total', 'used', 'used_percent'],
  disk: ['free', 'inodes_free', 'inodes_total', 'inodes_used', 'total', 'used', 'used_percent'],
  diskio: ['iops_in_progress', 'io_time', 'reads', 'read_bytes', 'read_time', 'writes', 'write_bytes', 'write_time'],
  net: ['bytes_recv', 'bytes_sent', 'drop_in', 'drop_out', 'err_in', 'err_out', 'packets_sent', 'packets_recv'],
  netstat: [
    'tcp_close',
    'tcp_close_wait',
    'tcp_closing',
    'tcp_established',
    'tcp_fin_wait1',
    'tcp_fin_wait2',
    'tcp_last_ack',
    'tcp_listen',
    'tcp_none',
    'tcp_syn_sent',
    'tcp_syn_recv',
    'tcp_time_wait',
    'udp_socket',
  ],
  swap: ['free', 'used', 'used_percent'],
  procstat: [
    'cpu_time',
    'cpu_time_system',
    'cpu_time_user',
    'cpu_usage',
    'memory_data',
    'memory_locked',
    'memory_rss',
    'memory_stack',
    'memory_swap',
    'memory_vms',
    'num_fds',
    'num_threads',
    'pid',
    'pid_count',
    'read_bytes',
    'write_bytes',
    'read_count',
    'write_count',
    'rlimit_num_fds_soft',
    'rlimit_num_fds_hard',
  ],
};

/** systemd. Source: systemd.unit(5), systemd.service(5), systemd.exec(5), systemd.kill(5). */
export const systemdKeys = [
  'Description',
  'After',
  'Wants',
  'StartLimitIntervalSec',
  'StartLimitBurst',
  'Type',
  'NotifyAccess',
  'WatchdogSec',
  'TimeoutStartSec',
  'TimeoutStopSec',
  'ExecStart',
  'Restart',
  'RestartSec',
  'KillSignal',
  'User',
  'StateDirectory',
  'LogsDirectory',
  'LogsDirectoryMode',
  'StandardOutput',
  'StandardError',
  'Environment',
  'EnvironmentFile',
  'NoNewPrivileges',
  'ProtectSystem',
  'ProtectHome',
  'PrivateTmp',
  'WantedBy',
];
