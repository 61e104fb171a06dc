/** The three simulated bots on the stack's clock, and the troubles that can be made for them. */

import { parseConfig } from '../../core/config/parse.ts';
import { ConfigError } from '../../core/config/problem.ts';
import type { NightdeskConfig } from '../../core/config/types.ts';
import nightdeskConfig from '../../examples/nightdesk.config.ts';
import { createFleet, type Fleet, type FleetLine, fleetMembers } from '../../examples/paper-bot/fleet.ts';
import type { Timer } from '../../local/clock.ts';
import { rank } from '../../local/clock.ts';
import type { Intake } from '../../local/replay.ts';
import type { LocalStack } from '../../local/stack.ts';
import type { Provocations } from '../../local/web-api.ts';

const minuteMs = 60_000;

/**
 * The channels of the demo, richer than the example's: none needs an account here, and their buttons work. The first bot can be told to halt,
 * as a dry run.
 */
const demoChannels = {
  slack: {
    kind: 'slackApp',
    botToken: { secretName: 'nightdesk/demo/slack-token' },
    channel: 'C0000000001',
    signingSecret: { secretName: 'nightdesk/demo/slack-signing' },
  },
  pagerduty: {
    kind: 'pagerduty',
    routingKey: { secretName: 'nightdesk/demo/pagerduty' },
    webhookSecret: { secretName: 'nightdesk/demo/pagerduty-webhook' },
  },
  telegram: {
    kind: 'telegram',
    botToken: { secretName: 'nightdesk/demo/telegram' },
    chatId: -1001,
    webhookSecret: { secretName: 'nightdesk/demo/telegram-webhook' },
  },
  mail: { kind: 'email', addresses: ['oncall@example.com'] },
} as const;

const demoSignals = {
  webhook: { url: { secretName: 'nightdesk/demo/bot-url' }, signingSecret: { secretName: 'nightdesk/demo/bot-key' } },
};

/** The example's config with what the simulated bots really are: their capital, their venue, a heartbeat a minute. */
export const demoConfig = (): NightdeskConfig => fleetConfig({});

/** The same with channels whose buttons work, for a person who looks on. */
export const liveDemoConfig = (): NightdeskConfig =>
  fleetConfig({
    channels: demoChannels,
    routes: { critical: ['slack', 'pagerduty', 'telegram', 'mail'], warning: ['slack', 'telegram'], info: ['slack'] },
    signals: demoSignals,
  });

function fleetConfig({ signals, ...rest }: Readonly<Record<string, unknown>>): NightdeskConfig {
  const members = new Map(fleetMembers.map(member => [member.botId, member]));
  const parsed = parseConfig({
    ...nightdeskConfig,
    ...rest,
    bots: nightdeskConfig.bots.map((bot, index) => {
      const member = members.get(bot.id);
      if (member === undefined) return bot;
      return {
        ...bot,
        venue: member.venue,
        initialCapital: member.initialCapital,
        heartbeat: { intervalSeconds: 60, graceSeconds: 30 },
        ...(index === 0 && signals !== undefined ? { signals } : {}),
      };
    }),
  });
  if (!parsed.ok) throw new ConfigError(parsed.error);
  return parsed.value;
}

export interface DemoFleet {
  /** Thirty days before `endMs`, as lines. */
  readonly history: (endMs: number) => readonly FleetLine[];
  /** From now on the bots trade on the clock. */
  readonly begin: (stack: LocalStack, intake: Intake) => void;
  readonly provocations: Provocations;
}

interface Trouble {
  readonly title: string;
  readonly explains: string;
  readonly make: (botId: string) => string;
}

export function createDemoFleet(config: NightdeskConfig): DemoFleet {
  const pending = new Map<string, Set<Timer>>();
  let emit: (line: FleetLine) => void = () => undefined;
  const fleet: Fleet = createFleet({ seed: 7, runId: Date.now().toString(36), emit: line => emit(line) });
  const botOf = (botId: string) =>
    fleet.bots.get(botId) ?? [...fleet.bots].find(([key]) => key === botId || strategyOf(key) === botId)?.[1];
  const strategyOf = (key: string) => fleetMembers.find(member => member.botId === key)?.strategyId;
  const firstBot = config.bots[0]?.id ?? '';

  const troubles: Readonly<Record<string, Trouble>> = {
    'bot-dies': {
      title: 'Bot dies',
      explains:
        'The process is killed without a word. The sweep notices the silence, and pages with position, loss and first action; the CloudWatch alarm follows.',
      make(botId) {
        botOf(botId)?.die();
        for (const timer of pending.get(botId) ?? []) timer.cancel();
        pending.delete(botId);
        return `${botId} was killed; its next heartbeat will be missing`;
      },
    },
    'feed-stale': {
      title: 'Feed goes stale',
      explains: 'Market data stops while the bot lives: prices stand still, and open positions are valued with an old mark.',
      make(botId) {
        botOf(botId)?.staleFeed(true);
        return `${botId} gets no more market data`;
      },
    },
    'orders-rejected': {
      title: 'Orders rejected',
      explains: 'The venue refuses nine orders in ten.',
      make(botId) {
        botOf(botId)?.rejectOrders(true);
        return `the venue now rejects most orders of ${botId}`;
      },
    },
    'latency-spike': {
      title: 'Latency spike',
      explains: 'The venue takes seconds to acknowledge an order.',
      make(botId) {
        botOf(botId)?.slowAcks(true);
        return `the venue now takes seconds to answer ${botId}`;
      },
    },
    'loss-limit': {
      title: 'Loss limit',
      explains: 'The bot trades to and fro in an empty book and ignores its own limit, until the daily loss limit pages.',
      make(botId) {
        botOf(botId)?.loseMoney(true);
        return `${botId} is now losing money`;
      },
    },
    'duplicate-fill': {
      title: 'Same fill twice',
      explains: 'The newest fill is sent once more, byte for byte. The duplicates counter rises, and no number changes.',
      make: botId =>
        botOf(botId)?.repeatLastFill() === true ? `${botId} sent its newest fill again` : `${botId} has no fill to repeat yet`,
    },
  };

  const recover = (botIds: readonly string[]): string => {
    for (const id of botIds) {
      const bot = botOf(id);
      bot?.staleFeed(false);
      bot?.rejectOrders(false);
      bot?.slowAcks(false);
      bot?.loseMoney(false);
      if (bot?.isAlive() === false) bot.revive();
    }
    return 'everything provoked ends: the bots run, feeds and orders flow again';
  };

  return {
    history: endMs => fleet.history(30, endMs),
    begin(stack, intake) {
      const { clock } = stack;
      emit = ({ botId, strategyId, line }) => {
        const sentMs = Date.parse(/"tsSent":"([^"]+)"/.exec(line)?.[1] ?? '');
        const atMs = Math.max(clock.now(), Number.isNaN(sentMs) ? 0 : sentMs);
        const timers = pending.get(botId) ?? new Set<Timer>();
        pending.set(botId, timers);
        const timer = clock.at(atMs, rank.input, () => {
          timers.delete(timer);
          intake.accept(line, clock.now(), strategyId);
        });
        timers.add(timer);
      };
      // The bots live through the minute ahead; its lines arrive at their own times.
      const minute = (atMs: number): void => {
        fleet.step(atMs + minuteMs);
        clock.at(atMs + minuteMs, rank.input, () => minute(atMs + minuteMs));
      };
      minute(clock.now());
    },
    provocations: {
      list: () => Object.entries(troubles).map(([id, { title, explains }]) => ({ id, title, explains })),
      run(id, botId) {
        if (id === 'recover') return { ok: true, text: recover(botId === undefined ? config.bots.map(bot => bot.id) : [botId]) };
        const trouble = troubles[id];
        if (trouble === undefined) return { ok: false, text: `"${id}" is not one of ${Object.keys(troubles).join(', ')}` };
        return { ok: true, text: trouble.make(botId ?? firstBot) };
      },
      processOf(botId) {
        const bot = botOf(botId);
        return bot === undefined ? undefined : bot.isAlive() ? 'running' : 'stopped';
      },
    },
  };
}
