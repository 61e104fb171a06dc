import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { loadConfigFile } from '../../adapters/config-file.ts';
import { showProblem } from '../../core/config/problem.ts';
import type { BotConfig, NightdeskConfig } from '../../core/config/types.ts';
import { hostFiles } from '../../core/hosts/files.ts';
import { type HostTarget, hostTargets } from '../../core/hosts/target.ts';
import { type Command, type Io, UsageError } from '../command.ts';
import { type OptionTable, optionLines } from '../options.ts';

const options: OptionTable = [
  ['--target T', 'default: where the bot runs by its config (runsOn), else kubernetes'],
  ['--config FILE', 'default: nightdesk.config.ts'],
  ['--out DIR', 'write the files there; default: print them, each below a line with its name'],
  ['--image IMAGE', 'container image of the bot (default: REPLACE-WITH-IMAGE)'],
  ['--region REGION', 'default: AWS_REGION, else us-east-1'],
  ['--account ID', 'AWS account of roles and secrets (default: 111122223333, which stands for yours)'],
  ['--intake-url URL', 'the output IntakeUrl of the shared stack'],
  ['--json', '{ bot, target, files: [ { name, text } ] }'],
];

const help = `nightdesk agent-config BOT [--target kubernetes|ecs|ec2] [--config FILE] [--out DIR] [--json]

Writes the files with which a bot runs: probes, log shipping, agent, service account or unit, all from its config.

  kubernetes   bot.yaml (ServiceAccount, Deployment with three probes) and fluent-bit.yaml
  ecs          task-definition.json (Fargate, health check, logs, CloudWatch agent); examples/ecs/ has the same as a CDK stack
  ec2          amazon-cloudwatch-agent.json, a systemd unit with watchdog, and log rotation

${optionLines(options, 18)}

Exit codes: 0 fine · 2 unusable input.`;

export const command: Command = {
  name: 'agent-config',
  summary: 'the files with which a bot runs on Kubernetes, ECS or a machine',
  help,
  options,
  run: async ({ positional, values, flags }, io) => {
    const [botId] = positional;
    if (botId === undefined || positional.length > 1) throw new UsageError('agent-config: name one bot; see nightdesk agent-config --help');
    const config = await configFrom(values.get('config') ?? 'nightdesk.config.ts', io);
    const bot = config.bots.find(({ id }) => id === botId);
    if (bot === undefined)
      throw new UsageError(`agent-config: no bot "${botId}" in the config; it has ${config.bots.map(({ id }) => id).join(', ')}`);
    const target = targetOf(values.get('target'), bot);
    const accountId = values.get('account') ?? '111122223333';
    if (!/^\d{12}$/.test(accountId)) throw new UsageError(`agent-config: --account must have twelve digits; was "${accountId}"`);
    const region = values.get('region') ?? io.env['AWS_REGION'] ?? 'us-east-1';
    if (!/^[a-z]{2,}(-[a-z]+)+-\d$/.test(region))
      throw new UsageError(`agent-config: --region must be a region such as eu-west-1; was "${region}"`);
    const [intakeUrl, out] = [values.get('intake-url'), values.get('out')];
    if (intakeUrl !== undefined && !(intakeUrl.startsWith('https://') && URL.canParse(intakeUrl)))
      throw new UsageError(`agent-config: --intake-url must begin with https://; was "${intakeUrl}"`);
    const files =
      hostFiles(config, botId, target, {
        region,
        accountId,
        image: values.get('image') ?? 'REPLACE-WITH-IMAGE',
        ...(intakeUrl === undefined ? {} : { intakeUrl }),
      }) ?? [];
    if (out !== undefined) write(resolve(io.cwd, out), files, io);
    if (flags.has('json')) io.stdout(`${JSON.stringify({ bot: botId, target, files })}\n`);
    else if (out === undefined) io.stdout(files.map(({ name, text }) => `==> ${name} <==\n${text}`).join('\n'));
    return 0;
  },
};

async function configFrom(path: string, io: Io): Promise<NightdeskConfig> {
  const loaded = await loadConfigFile(resolve(io.cwd, path));
  if (loaded.ok) return loaded.value;
  throw new UsageError(`${path}: ${loaded.error.map(showProblem).join(`\nnightdesk: ${path}: `)}`);
}

function targetOf(written: string | undefined, bot: BotConfig): HostTarget {
  const wanted = written ?? bot.runsOn?.on ?? 'kubernetes';
  const known = hostTargets.find(target => target === wanted);
  if (known !== undefined) return known;
  throw new UsageError(`agent-config: --target must be one of ${hostTargets.join(', ')}; was "${wanted}"`);
}

function write(dir: string, files: readonly { readonly name: string; readonly text: string }[], io: Io): void {
  try {
    mkdirSync(dir, { recursive: true });
    for (const { name, text } of files) writeFileSync(join(dir, name), text);
  } catch (error) {
    throw new UsageError(`agent-config: --out ${dir} cannot be written: ${error instanceof Error ? error.message : String(error)}`);
  }
  io.stderr(`${files.map(({ name }) => join(dir, name)).join('\n')}\n`);
}
