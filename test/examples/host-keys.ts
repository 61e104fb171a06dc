/** What the files of examples/ may hold, by the documentation of those who read them. A key that is not here fails the test. */

/** A type, anything, one of some values, a text by its form, a whole number in a range, a list, a map, or an object with its fields. */
export type Shape =
  | 'string'
  | 'boolean'
  | 'any'
  | { readonly oneOf: readonly string[] }
  | { readonly form: RegExp }
  | { readonly from: number; readonly to: number }
  | { readonly each: Shape; readonly atLeast: number }
  | { readonly valuesOf: Shape }
  | { readonly required: Readonly<Record<string, Shape>>; readonly optional: Readonly<Record<string, Shape>> };

const object = (required: Readonly<Record<string, Shape>>, optional: Readonly<Record<string, Shape>> = {}): Shape => ({
  required,
  optional,
});
const each = (shape: Shape, atLeast = 0): Shape => ({ each: shape, atLeast });
const oneOf = (...values: readonly string[]): Shape => ({ oneOf: values });
const form = (pattern: RegExp): Shape => ({ form: pattern });
const whole = (from: number, to: number): Shape => ({ from, to });
const valuesOf = (shape: Shape): Shape => ({ valuesOf: shape });

/*
 * Kubernetes. Source: the API reference, in the repository kubernetes/website under content/en/docs/reference/kubernetes-api/, each read
 * 2026-11: workload-resources/deployment-v1.md, daemon-set-v1.md and pod-v1.md (PodSpec, Container, Probe), authentication-resources/
 * service-account-v1.md, config-and-storage-resources/config-map-v1.md and volume.md, common-definitions/object-meta.md and quantity.md;
 * lowest values of a probe: pod-v1.md, Probe; forms of names and labels: concepts/overview/working-with-objects/names.md and labels.md.
 * Required are the fields that the reference marks so (a selector, a template, containers and their names, names of volumes, the path of a
 * hostPath, the port of an httpGet, the key of a secretKeyRef), and a container's image, which a Deployment cannot run without.
 */
const int32 = (from = 0) => whole(from, 2 ** 31 - 1);
const dnsLabel = form(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/);
const dnsName = form(/^(?=.{1,253}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/);
const labels = valuesOf(form(/^([A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?)?$/));
const quantity = form(/^[+-]?(\d+(\.\d*)?|\.\d+)([KMGTPE]i|[mkMGTPE]|[eE][+-]?\d+)?$/);
const amounts = object({}, { cpu: quantity, memory: quantity, 'ephemeral-storage': quantity });
const metadata = object({ name: dnsName }, { namespace: dnsLabel, labels, annotations: valuesOf('string') });
/** By name only, and a name has at most 15 characters, one of them a letter. */
const httpGet = object(
  { port: form(/^(?=.*[a-z])[a-z0-9]([a-z0-9-]{0,13}[a-z0-9])?$/) },
  { path: 'string', scheme: oneOf('HTTP', 'HTTPS') },
);
const probe = (more: Readonly<Record<string, Shape>>): Shape =>
  object(
    { httpGet },
    {
      periodSeconds: int32(1),
      timeoutSeconds: int32(1),
      failureThreshold: int32(1),
      initialDelaySeconds: int32(),
      ...more,
    },
  );
/** One success is enough by rule; only these two may stop the container, and so have a grace period. */
const stoppingProbe = probe({ successThreshold: whole(1, 1), terminationGracePeriodSeconds: int32(1) });
const environment = object(
  { name: form(/^[A-Za-z_][A-Za-z0-9_]*$/) },
  {
    value: 'string',
    valueFrom: object(
      {},
      {
        secretKeyRef: object({ key: form(/^[A-Za-z0-9._-]+$/) }, { name: dnsName, optional: 'boolean' }),
        fieldRef: object(
          {
            fieldPath: oneOf(
              'metadata.name',
              'metadata.namespace',
              'spec.nodeName',
              'spec.serviceAccountName',
              'status.hostIP',
              'status.podIP',
            ),
          },
          { apiVersion: oneOf('v1') },
        ),
      },
    ),
  },
);
const containerSecurity = object(
  {},
  {
    allowPrivilegeEscalation: 'boolean',
    readOnlyRootFilesystem: 'boolean',
    runAsUser: int32(),
    runAsNonRoot: 'boolean',
    capabilities: object({}, { drop: each('string'), add: each('string') }),
  },
);
const container = object(
  { name: dnsLabel, image: form(/\S/) },
  {
    args: each('string'),
    command: each('string'),
    env: each(environment),
    ports: each(object({ containerPort: whole(1, 65_535) }, { name: 'string', protocol: oneOf('TCP', 'UDP', 'SCTP') })),
    startupProbe: stoppingProbe,
    livenessProbe: stoppingProbe,
    readinessProbe: probe({ successThreshold: int32(1) }),
    resources: object({}, { requests: amounts, limits: amounts }),
    securityContext: containerSecurity,
    volumeMounts: each(object({ name: dnsLabel, mountPath: form(/^\/[^:]*$/) }, { readOnly: 'boolean', subPath: 'string' })),
  },
);
const hostPathTypes = ['', 'DirectoryOrCreate', 'Directory', 'FileOrCreate', 'File', 'Socket', 'CharDevice', 'BlockDevice'];
const volume = object(
  { name: dnsLabel },
  {
    emptyDir: object({}, { sizeLimit: quantity, medium: oneOf('', 'Memory') }),
    configMap: object({}, { name: dnsName }),
    hostPath: object({ path: form(/^\//) }, { type: oneOf(...hostPathTypes) }),
  },
);
const toleration = object(
  {},
  {
    key: 'string',
    operator: oneOf('Exists', 'Equal'),
    value: 'string',
    effect: oneOf('NoSchedule', 'PreferNoSchedule', 'NoExecute'),
    tolerationSeconds: int32(),
  },
);
const podSpec = object(
  { containers: each(container, 1) },
  {
    serviceAccountName: dnsName,
    terminationGracePeriodSeconds: int32(),
    tolerations: each(toleration),
    volumes: each(volume),
    securityContext: object(
      {},
      {
        runAsNonRoot: 'boolean',
        runAsUser: int32(),
        fsGroup: int32(),
        seccompProfile: object({ type: oneOf('RuntimeDefault', 'Unconfined') }),
      },
    ),
  },
);
const template = object({ spec: podSpec }, { metadata: object({}, { labels, annotations: valuesOf('string') }) });
const selector = object({ matchLabels: labels });
const typed = (apiVersion: string, kind: string) => ({ apiVersion: oneOf(apiVersion), kind: oneOf(kind), metadata }) as const;
const rollout = { minReadySeconds: int32(), revisionHistoryLimit: int32() } as const;

export const kubernetesShapes: Readonly<Record<string, Shape>> = {
  ServiceAccount: object(typed('v1', 'ServiceAccount'), {
    automountServiceAccountToken: 'boolean',
    imagePullSecrets: each(object({}, { name: dnsName })),
  }),
  ConfigMap: object(typed('v1', 'ConfigMap'), { data: valuesOf('string'), immutable: 'boolean' }),
  Deployment: object({
    ...typed('apps/v1', 'Deployment'),
    spec: object(
      { selector, template },
      {
        ...rollout,
        replicas: int32(),
        progressDeadlineSeconds: int32(1),
        paused: 'boolean',
        // `rollingUpdate` may stand beside RollingUpdate only, which ours never is.
        strategy: object({}, { type: oneOf('Recreate', 'RollingUpdate') }),
      },
    ),
  }),
  DaemonSet: object({
    ...typed('apps/v1', 'DaemonSet'),
    spec: object({ selector, template }, { ...rollout, updateStrategy: object({}, { type: oneOf('RollingUpdate', 'OnDelete') }) }),
  }),
};

/*
 * Fluent Bit. Source: the manual, in the repository fluent/fluent-bit-docs, each page read 2026-11; the page stands at each list. Keys are
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
  // classic-mode/configuration-file.md; storage.*: administration/buffering-and-storage.md and backpressure.md, which says too that
  // mem_buf_limit has no effect beside storage.type filesystem (so it is none of ours); threaded: administration/multithreading.md
  INPUT: ['name', 'tag', 'alias', 'log_level', 'storage.type', 'storage.pause_on_chunks_overlimit', 'threaded'],
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

/** Values that the manual lists for keys of ours; sizes by administration/configuring-fluent-bit/unit-sizes.md. */
export const fluentBitValues: Readonly<Record<string, RegExp>> = {
  flush: /^\d+(\.\d+)?$/,
  grace: /^\d+$/,
  log_level: /^(off|error|warn|info|debug|trace)$/,
  'storage.sync': /^(normal|full)$/,
  'storage.checksum': /^(on|off)$/,
  'storage.max_chunks_up': /^\d+$/,
  'storage.backlog.mem_limit': /^\d+[KMG]?B?$/i,
  'storage.type': /^(memory|filesystem|memrb)$/,
  'storage.total_limit_size': /^\d+[KMG]?B?$/i,
  'db.sync': /^(extra|full|normal|off)$/i,
  read_from_head: /^(true|false|on|off)$/i,
  skip_long_lines: /^(true|false|on|off)$/i,
  refresh_interval: /^\d+$/,
  rotate_wait: /^\d+$/,
  buffer_chunk_size: /^\d+[KMG]?B?$/i,
  buffer_max_size: /^\d+[KMG]?B?$/i,
  retry_limit: /^(\d+|no_limits|no_retries|false)$/i,
  auto_create_group: /^(true|false|on|off)$/i,
  auto_retry_requests: /^(true|false|on|off)$/i,
};

/*
 * CloudWatch agent. Source: its own schema, translator/config/schema.json of the repository aws/amazon-cloudwatch-agent, read whole 2026-11:
 * types, ranges, values and what is required are those that it states. Where it allows any key (`agent`, plugins, `metrics_collected` of
 * logs) and does not name ours (`run_as_user`, `drop_original_metrics`, `emf`), the CloudWatch user guide does: "Manually create or edit the
 * CloudWatch agent configuration file", "Collect process metrics with the procstat plugin", and "Using the CloudWatch agent to send embedded
 * metric format logs", which shows `emf` as an empty object and nothing else.
 */
const interval = whole(1, 172_800);
const text = (most: number) => form(new RegExp(`^[^]{1,${most}}$`));
const dimensions = valuesOf(text(1024));
const originals = each('string', 1);
const plugin = (more: Readonly<Record<string, Shape>> = {}, required: Readonly<Record<string, Shape>> = {}): Shape =>
  object(
    { measurement: each(text(255)), ...required },
    { metrics_collection_interval: interval, append_dimensions: dimensions, drop_original_metrics: originals, ...more },
  );
const resources = { resources: each(text(4096)) };

export const agentKeys: Shape = object(
  {},
  {
    agent: object(
      {},
      {
        metrics_collection_interval: interval,
        region: text(64),
        run_as_user: text(255),
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
            cpu: plugin({ resources: each(oneOf('*')), totalcpu: 'boolean' }),
            mem: plugin(),
            disk: plugin({ ...resources, ignore_file_system_types: each('string'), drop_device: 'boolean' }),
            diskio: plugin(resources),
            net: plugin(resources),
            netstat: plugin(),
            swap: plugin(),
            processes: plugin(),
            // One of pid_file, exe and pattern, the first that stands there; ours is the last.
            procstat: each(plugin({}, { pattern: text(255) }), 1),
            statsd: object(
              {},
              {
                service_address: text(255),
                metrics_collection_interval: interval,
                metrics_aggregation_interval: whole(0, 172_800),
                metric_separator: text(255),
                allowed_pending_messages: int32(1),
                drop_original_metrics: originals,
              },
            ),
          },
        ),
      },
      {
        namespace: text(255),
        append_dimensions: dimensions,
        aggregation_dimensions: each(each(text(1024)), 1),
        force_flush_interval: interval,
      },
    ),
    logs: object(
      {},
      {
        force_flush_interval: interval,
        log_stream_name: text(512),
        metrics_collected: object({}, { emf: object({}) }),
        logs_collected: object(
          {},
          {
            files: object({
              collect_list: each(
                object(
                  { file_path: text(4096) },
                  {
                    log_group_name: text(512),
                    log_stream_name: text(512),
                    log_group_class: text(512),
                    timestamp_format: text(4096),
                    timezone: oneOf('Local', 'LOCAL', 'UTC'),
                    trim_timestamp: 'boolean',
                    backpressure_mode: oneOf('fd_release'),
                    publish_multi_logs: 'boolean',
                    blacklist: text(4096),
                    multi_line_start_pattern: text(4096),
                    encoding: text(4096),
                    auto_removal: 'boolean',
                  },
                ),
                1,
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

/** Of `procstat`, read from /proc/PID/fd and /proc/PID/io: for the process's own user and root. Source: proc_pid_fd(5), proc_pid_io(5). */
export const rootOnly: readonly string[] = ['num_fds', 'read_bytes', 'write_bytes', 'read_count', 'write_count'];

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
