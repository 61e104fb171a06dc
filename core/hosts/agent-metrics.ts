/**
 * Which metrics the CloudWatch agent collects of a machine, and the dimensions that they carry. Each name costs about $0.30 a month per
 * machine, so the list is short: what tells a trading bot's trouble from its machine's.
 */

/** The agent's own namespace. */
export const AGENT_NAMESPACE = 'CWAgent';

/**
 * Of a plugin: measurements without the plugin's prefix, as the agent's configuration takes them. No file descriptors of the process: the
 * agent runs as a user of its own, and /proc/PID/fd is for the process's user and root.
 */
export const agentPlugins = {
  cpu: ['usage_active', 'usage_steal'],
  mem: ['used_percent'],
  disk: ['used_percent'],
  diskio: ['io_time'],
  net: ['err_in', 'drop_in'],
  netstat: ['tcp_established', 'tcp_close_wait'],
  swap: ['used_percent'],
  procstat: ['cpu_usage', 'memory_rss'],
} as const;

export type AgentPlugin = keyof typeof agentPlugins;

/** Names as they appear in CloudWatch, such as `cpu_usage_steal`. */
export type AgentMetric = { readonly [P in AgentPlugin]: `${P}_${(typeof agentPlugins)[P][number]}` }[AgentPlugin];

export const agentMetrics: readonly AgentMetric[] = Object.entries(agentPlugins).flatMap(([plugin, names]) =>
  names.map(name => `${plugin}_${name}` as AgentMetric),
);

/** All metrics of a bot's machine are rolled up to these, and the originals are dropped: one series a name. */
export const agentDimensions = (stage: string, botId: string) => ({ Stage: stage, Bot: botId });
