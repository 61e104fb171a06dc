/**
 * A bot on a machine of its own: configuration of the CloudWatch agent, a systemd unit, and log rotation.
 * Sources: CloudWatch user guide, "Manually create or edit the CloudWatch agent configuration file" (keys), systemd.service(5) and
 * sd_notify(3) (watchdog), logrotate(8).
 */
import { AGENT_NAMESPACE, type AgentPlugin, agentDimensions, agentPlugins } from './agent-metrics.ts';
import type { HostFile } from './files.ts';
import type { HostBot } from './target.ts';

export const ec2Files = (bot: HostBot): readonly HostFile[] => [
  { name: 'amazon-cloudwatch-agent.json', text: `${JSON.stringify(agentConfig(bot), undefined, 2)}\n` },
  { name: `${bot.name}.service`, text: unit(bot) },
  { name: `${bot.name}.logrotate`, text: rotation(bot) },
];

const logFile = ({ name }: HostBot) => `/var/log/${name}/bot.log`;

function agentConfig(bot: HostBot) {
  const plugin = <P extends AgentPlugin>(name: P, more: object = {}) => ({
    ...more,
    measurement: [...agentPlugins[name]],
    append_dimensions: agentDimensions(bot.stage, bot.id),
    // Only the roll-up below is sent; without this each machine would cost twice as much.
    drop_original_metrics: agentPlugins[name].map(measurement => `${name}_${measurement}`),
  });
  return {
    agent: { metrics_collection_interval: 60, region: bot.options.region, run_as_user: 'cwagent', omit_hostname: true },
    metrics: {
      namespace: AGENT_NAMESPACE,
      aggregation_dimensions: [Object.keys(agentDimensions('', ''))],
      metrics_collected: {
        cpu: plugin('cpu', { resources: ['*'], totalcpu: true }),
        mem: plugin('mem'),
        disk: plugin('disk', { resources: ['/'], drop_device: true }),
        diskio: plugin('diskio', { resources: ['*'] }),
        net: plugin('net', { resources: ['*'] }),
        netstat: plugin('netstat'),
        swap: plugin('swap'),
        procstat: [plugin('procstat', { pattern: `/opt/${bot.name}/` })],
      },
    },
    ...(bot.isOutside
      ? {}
      : {
          logs: {
            force_flush_interval: 5,
            logs_collected: {
              files: {
                collect_list: [
                  { file_path: logFile(bot), log_group_name: bot.logGroup, log_stream_name: '{instance_id}', timezone: 'UTC' },
                ],
              },
            },
          },
        }),
  };
}

/** The bot says READY=1 when it trades and WATCHDOG=1 while it is well (`startWatchdog` of bot/, or nightdesk.py); silence kills and restarts it. */
const unit = (bot: HostBot): string => `[Unit]
Description=Trading bot ${bot.id} (Nightdesk ${bot.stage})
After=network-online.target time-sync.target
Wants=network-online.target
# Five deaths in ten minutes are no accident: stay down and let the silence page.
StartLimitIntervalSec=600
StartLimitBurst=5

[Service]
Type=notify
NotifyAccess=all
WatchdogSec=30
TimeoutStartSec=${bot.probes.startup.periodSeconds * bot.probes.startup.failureThreshold}
ExecStart=/opt/${bot.name}/start
Restart=on-failure
RestartSec=5
# Time to cancel orders and to say "stopping".
KillSignal=SIGTERM
TimeoutStopSec=30
User=${bot.name}
StateDirectory=${bot.name}
LogsDirectory=${bot.name}
# The agent, another user, reads it.
LogsDirectoryMode=0755
# Whole lines on disk before anything ships them: the agent reads the file, and a slow network never blocks the bot.
StandardOutput=append:${logFile(bot)}
StandardError=inherit
Environment=NIGHTDESK_BOT=${bot.id}${bot.hasIntake ? `\nEnvironment=NIGHTDESK_URL=${bot.intakeUrl}\nEnvironment=NIGHTDESK_SPOOL=/var/lib/${bot.name}/spool\n# NIGHTDESK_KEY=… in a file that only root reads.\nEnvironmentFile=-/etc/${bot.name}/secrets` : ''}
NoNewPrivileges=true
ProtectSystem=strict
ProtectHome=true
PrivateTmp=true

[Install]
WantedBy=multi-user.target
`;

const rotation = (bot: HostBot): string => `${logFile(bot)} {
    daily
    rotate 7
    maxsize 500M
    missingok
    notifempty
    # The unit keeps the file open; the agent notices the truncation.
    copytruncate
}
`;
