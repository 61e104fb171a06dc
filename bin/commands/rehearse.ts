import { isNamed } from '../../core/backtest/judge.ts';
import { type Rehearsal, rehearsalOf, samplesOf } from '../../core/backtest/rehearsal.ts';
import { type CatalogueAlarm, catalogueAlarms } from '../../core/catalogue/alarm-definitions.ts';
import type { NightdeskConfig } from '../../core/config/types.ts';
import { incidentKey } from '../../core/incidents/key.ts';
import { createSeriesStore, metricKey, type SeriesStore } from '../../core/series/series-store.ts';
import { isoFromMs } from '../../core/time/instant.ts';
import { rank } from '../../local/clock.ts';
import type { InboxEntry } from '../../local/outbound.ts';
import type { LocalStack } from '../../local/stack.ts';
import { type Command, type ExitCode, type Io, UsageError } from '../command.ts';
import { options, type RehearseOptions, readOptions, rehearseHelp } from '../rehearse/options.ts';
import { publishTest } from '../rehearse/test-notification.ts';
import { demoConfig } from '../start/demo-fleet.ts';
import { openStack, readConfig } from '../start/open-stack.ts';

export const command: Command = {
  name: 'rehearse',
  summary: 'makes an alarm fire, and shows its page',
  help: rehearseHelp,
  options,
  run: async (args, io) => {
    const options = readOptions(args);
    const config = options.config === undefined ? demoConfig() : await readConfig(options.config, io);
    const alarm = alarmNamed(options.alarm, config);
    if (options.topic !== undefined) return publishTest(alarm, { ...options, topic: options.topic }, io);
    return rehearseHere(alarm, config, options, io);
  },
};

/** @throws UsageError with names that are alike. */
function alarmNamed(name: string, config: NightdeskConfig): CatalogueAlarm {
  const alarms = catalogueAlarms(config).filter(({ signal }) => !signal);
  const found =
    alarms.find(({ definition }) => definition.name === name) ??
    alarms.find(({ definition }) => isNamed(definition.name, name)) ??
    alarms.find(({ alarmId }) => alarmId === name);
  if (found !== undefined) return found;
  const words = name.split('-');
  const alike = [...new Set(alarms.map(({ alarmId }) => alarmId))].filter(id => id.split('-').some(word => words.includes(word)));
  throw new UsageError(`there is no alarm "${name}"${alike.length === 0 ? '' : `; there is ${alike.slice(0, 5).join(', ')}`}`);
}

/** After the series, time for suppressors, retries and the longest window. */
const PATIENCE_MS = 30 * 60_000;

async function rehearseHere(alarm: CatalogueAlarm, config: NightdeskConfig, options: RehearseOptions, io: Io): Promise<ExitCode> {
  const { name } = alarm.definition;
  const startMs = Math.floor(Date.now() / 60_000) * 60_000;
  const stack = await openStack({ config, startMs, speed: 'max', port: 0 }, stackOptions, io);
  try {
    const rehearsal = rehearsalOf(name, catalogueAlarms(config), stack.alarms.definitions);
    if (!rehearsal.ok) throw new UsageError(rehearsal.error);
    play(rehearsal.value, stack, startMs);
    const key = incidentKey(alarm.alarmId, alarm.dimensions);
    const pages: InboxEntry[] = [];
    const channels = config.routes[alarm.severity];
    stack.observe({
      onNotification: entry => {
        if (entry.alarm !== name && entry.incident !== key) return;
        pages.push(entry);
        if (channels.every(channel => pages.some(page => page.channel === channel))) stack.clock.stop();
      },
    });
    stack.begin();
    await stack.clock.run(startMs + rehearsal.value.seconds * 1000 + PATIENCE_MS);
    await stack.clock.idle();
    return report({ alarm, rehearsal: rehearsal.value, pages, stack, startMs }, options, io);
  } finally {
    await stack.close();
  }
}

const stackOptions = { headless: true, untilEnd: true, json: false, fresh: true, sends: false, drainMs: 0 } as const;

/** Puts the points into the metric store as time reaches them; what the stack itself measures of these metrics is left out. */
function play({ series }: Rehearsal, stack: LocalStack, startMs: number): void {
  const store = createSeriesStore();
  const own = new Set(series.map(({ stat }) => metricKey(stat.namespace, stat.metricName, stat.dimensions)));
  const guarded: SeriesStore = {
    ...store,
    put: (namespace, metricName, dimensions, ...rest) => {
      if (!own.has(metricKey(namespace, metricName, dimensions))) store.put(namespace, metricName, dimensions, ...rest);
    },
  };
  stack.replaceStore(guarded);
  for (const { stat, points } of series) {
    for (const [at, value] of points.entries()) {
      if (value === null) continue;
      const atMs = startMs + at * stat.periodSeconds * 1000;
      stack.clock.at(atMs, rank.input, () => store.put(stat.namespace, stat.metricName, stat.dimensions, atMs, samplesOf(stat, value)));
    }
  }
}

interface Played {
  readonly alarm: CatalogueAlarm;
  readonly rehearsal: Rehearsal;
  readonly pages: readonly InboxEntry[];
  readonly stack: LocalStack;
  readonly startMs: number;
}

function report({ alarm, rehearsal, pages, stack, startMs }: Played, { json }: RehearseOptions, io: Io): ExitCode {
  const { name } = alarm.definition;
  const transitions = stack.alarms.history(name);
  if (json) {
    const document = {
      alarm: name,
      severity: alarm.severity,
      sentence: alarm.sentence,
      played: rehearsal.played,
      transitions: transitions.map(({ from, to, atMs, reason }) => ({ from, to, at: isoFromMs(atMs), reason })),
      pages: pages.map(({ channel, atMs, request }) => ({ channel, at: isoFromMs(atMs), request })),
    };
    io.stdout(`${JSON.stringify(document, undefined, 2)}\n`);
  } else {
    io.stdout(`${name} (${alarm.severity}): ${alarm.sentence}\nplayed ${rehearsal.played.join(' and ')}\n`);
    for (const { to, atMs, reason } of transitions) io.stdout(`after ${after(atMs - startMs)}  ${to}  ${reason}\n`);
    for (const { channel, atMs, request } of pages) {
      io.stdout(`\nafter ${after(atMs - startMs)}  ${channel}  ${request.url}\n${JSON.stringify(request.body, undefined, 2)}\n`);
    }
  }
  if (pages.length > 0) return 0;
  io.stderr(`nightdesk: no page of ${name} arrived; its state is ${transitions.at(-1)?.to ?? 'INSUFFICIENT_DATA'}\n`);
  return 1;
}

const after = (ms: number): string => `${Math.floor(ms / 60_000)}:${String(Math.floor(ms / 1000) % 60).padStart(2, '0')}`;
