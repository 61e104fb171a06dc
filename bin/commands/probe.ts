import { probe } from '../../adapters/probe/probe.ts';
import type { BotConfig } from '../../core/config/types.ts';
import type { ProbeResult } from '../../core/health/probe-result.ts';
import { type ProbeName, probeNames } from '../../core/health/probe-state.ts';
import { seenText } from '../../core/health/probe-text.ts';
import { type Command, UsageError } from '../command.ts';
import { type OptionTable, optionLines } from '../options.ts';
import { readConfig } from '../start/open-stack.ts';

const options: OptionTable = [
  ['--config FILE', 'default nightdesk.config.ts'],
  ['--json', 'one JSON document: { probes: [ { bot, probe, url, ok, tookMs, detail, phases, failedIn, certificateEndsMs } ] }'],
];

const help = `nightdesk probe [BOT…] [--config FILE] [--json]

Asks the probes of the config once, from this machine, and says where the time went: DNS, connect, TLS, first byte. Without
bots, those of all. Nothing is counted and nobody is paged; what the deployed prober reaches may differ (docs/health.md).

${optionLines(options, 15)}

Exit codes: 0 all are fine · 1 at least one is not · 2 unusable input.

  nightdesk probe momentum-btc`;

interface Asked extends ProbeResult {
  readonly bot: string;
  readonly probe: ProbeName;
  readonly url: string;
}

export const command: Command = {
  name: 'probe',
  summary: 'ask the bots’ probes once, with the time of each phase',
  help,
  options,
  run: async ({ positional, values, flags }, io) => {
    const path = values.get('config') ?? 'nightdesk.config.ts';
    const { bots } = await readConfig(path, io);
    const unknown = positional.find(id => !bots.some(bot => bot.id === id));
    if (unknown !== undefined) throw new UsageError(`probe: ${path} has no bot "${unknown}" (${bots.map(({ id }) => id).join(', ')})`);
    const chosen = positional.length === 0 ? bots : bots.filter(({ id }) => positional.includes(id));
    const probes = (await Promise.all(chosen.map(askBot))).flat();
    if (probes.length === 0) throw new UsageError(`probe: ${chosen.map(({ id }) => id).join(', ')} of ${path} have no probes`);
    io.stdout(flags.has('json') ? `${JSON.stringify({ probes }, undefined, 2)}\n` : asText(probes));
    return probes.every(({ ok }) => ok) ? 0 : 1;
  },
};

/** From the owner's own machine any private address may be meant. */
const askBot = ({ id, probes }: BotConfig): Promise<readonly Asked[]> =>
  Promise.all(
    probeNames.flatMap(name => {
      const config = probes[name];
      if (config === undefined) return [];
      const asked = probe(config, { now: () => performance.now(), vantage: 'vpc' });
      return [asked.then(result => ({ bot: id, probe: name, url: config.url, ...result }))];
    }),
  );

function asText(probes: readonly Asked[]): string {
  const lines = probes.flatMap(({ bot, probe: name, url, ...result }) => [
    `${result.ok ? 'fine  ' : 'failed'} ${bot} ${name} ${url}`,
    `       ${seenText(result)}`,
    ...(result.certificateEndsMs === undefined ? [] : [`       certificate until ${new Date(result.certificateEndsMs).toISOString()}`]),
  ]);
  const failed = probes.filter(({ ok }) => !ok).length;
  return `${[...lines, `${probes.length} probes, ${failed} failed`].join('\n')}\n`;
}
