/** Rules between keys. They read the raw input with care, so that they speak up even when other parts of it are broken. */
import { calendarProblems } from './calendars.ts';
import { ecsClusterPattern, ecsServiceOf, ecsServicePattern } from './ecs-service.ts';
import { type ConfigProblem, showValue } from './problem.ts';
import { routingProblems } from './routing-input.ts';
import type { Severity } from './types.ts';

type Loose = Readonly<Record<string, unknown>>;

const record = (value: unknown): Loose => (typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Loose) : {});
const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

interface Placed {
  readonly path: string;
  readonly value: string;
}

export function crossProblems(input: unknown): readonly ConfigProblem[] {
  const config = record(input);
  const bots = list(config['bots']).map(record);
  const strategies = bots.flatMap((bot, index) => strategiesOf(bot, index));
  return [
    ...duplicates(placed(bots, 'id'), 'DUPLICATE_BOT', 'bot ids must differ'),
    ...duplicates(strategies, 'DUPLICATE_STRATEGY', 'a strategy may report through one bot only'),
    ...duplicates(logGroups(bots), 'DUPLICATE_LOG_GROUP', 'bots must not share a log group: its filters would count twice'),
    ...heartbeatProblems(bots),
    ...probeProblems(bots),
    ...vantageProblems(config, bots),
    ...channelProblems(config),
    ...intakeProblems(bots),
    ...signalProblems(bots),
    ...ecsRestartProblems(bots),
    ...routeProblems(config),
    ...routingProblems(config),
    ...groupProblems(config, strategies),
    ...calendarProblems(config),
  ];
}

function placed(bots: readonly Loose[], key: string): readonly Placed[] {
  return bots.flatMap((bot, index) => {
    const value = bot[key];
    return typeof value === 'string' ? [{ path: `bots[${index}].${key}`, value }] : [];
  });
}

function strategiesOf(bot: Loose, index: number): readonly Placed[] {
  if (bot['strategies'] === undefined) return placed([bot], 'id').map(({ value }) => ({ path: `bots[${index}].id`, value }));
  return list(bot['strategies']).flatMap((strategy, at) => {
    const path = `bots[${index}].strategies[${at}]`;
    if (typeof strategy === 'string') return [{ path, value: strategy }];
    const id = record(strategy)['id'];
    return typeof id === 'string' ? [{ path: `${path}.id`, value: id }] : [];
  });
}

const logGroups = (bots: readonly Loose[]): readonly Placed[] =>
  bots.flatMap((bot, index) =>
    Object.entries(record(bot['logGroup'])).flatMap(([key, value]) =>
      typeof value === 'string' ? [{ path: `bots[${index}].logGroup.${key}`, value }] : [],
    ),
  );

function duplicates(values: readonly Placed[], code: ConfigProblem['code'], rule: string): readonly ConfigProblem[] {
  return values.flatMap(({ path, value }, index) => {
    const first = values.findIndex(other => other.value === value);
    return first === index ? [] : [{ code, path, value: showValue(value), rule: `${rule}; the first is at ${values[first]!.path}` }];
  });
}

function heartbeatProblems(bots: readonly Loose[]): readonly ConfigProblem[] {
  return bots.flatMap((bot, index) => {
    const strategyId = record(bot['heartbeat'])['strategyId'];
    const known = strategiesOf(bot, index).map(({ value }) => value);
    if (typeof strategyId !== 'string' || known.includes(strategyId)) return [];
    const rule = `must be a strategy of this bot (${known.join(', ')})`;
    return [
      { code: 'UNKNOWN_HEARTBEAT_STRATEGY' as const, path: `bots[${index}].heartbeat.strategyId`, value: showValue(strategyId), rule },
    ];
  });
}

/** Signals need one receiver: two could disagree on what was said. */
function signalProblems(bots: readonly Loose[]): readonly ConfigProblem[] {
  return bots.flatMap((bot, index): ConfigProblem[] => {
    if (bot['signals'] === undefined) return [];
    const { webhook, topicArn } = record(bot['signals']);
    if ((webhook === undefined) !== (topicArn === undefined)) return [];
    const rule = 'must have either a webhook or a topicArn';
    return [{ code: 'INVALID_VALUE', path: `bots[${index}].signals`, value: webhook === undefined ? 'neither' : 'both', rule }];
  });
}

/** A restart needs one service; names that have the wrong form are told by the schema. */
function ecsRestartProblems(bots: readonly Loose[]): readonly ConfigProblem[] {
  return bots.flatMap((bot, index): ConfigProblem[] => {
    if (bot['ecsRestart'] === undefined) return [];
    const runsOn = record(bot['runsOn']);
    const own = namesIn(record(bot['ecsRestart']));
    if (!ecsClusterPattern.test(own.cluster ?? 'c') || !ecsServicePattern.test(own.service ?? 's')) return [];
    const found = ecsServiceOf(own, runsOn['on'] === 'ecs' ? namesIn(runsOn) : undefined);
    return 'problem' in found
      ? [{ code: 'INVALID_VALUE', path: `bots[${index}].ecsRestart`, value: found.value, rule: found.problem }]
      : [];
  });
}

const namesIn = ({ cluster, service }: Loose) => ({
  cluster: typeof cluster === 'string' ? cluster : undefined,
  service: typeof service === 'string' ? service : undefined,
});

/** E-mail needs somebody to write to, once: addresses for a topic of ours, or a topic that exists. */
function channelProblems(config: Loose): readonly ConfigProblem[] {
  return Object.entries(record(config['channels'])).flatMap(([id, value]): ConfigProblem[] => {
    const { kind, addresses, topicArn } = record(value);
    if (kind !== 'email' || (addresses === undefined) !== (topicArn === undefined)) return [];
    const rule = 'must have either addresses or the topicArn of a topic that exists';
    return [{ code: 'INVALID_VALUE', path: `channels.${id}`, value: addresses === undefined ? 'neither' : 'both', rule }];
  });
}

/** Source: API Gateway, "Quotas for configuring and running an HTTP API": 300 routes per API; some are left for what is no intake. */
const MAX_INTAKE_BOTS = 280;

function intakeProblems(bots: readonly Loose[]): readonly ConfigProblem[] {
  const users = bots.flatMap((bot, index) => (bot['intake'] === undefined ? [] : [{ bot, path: `bots[${index}].intake` }]));
  const adopted = users
    .filter(({ bot }) => record(bot['intake'])['everything'] === true && record(bot['logGroup'])['adopt'] !== undefined)
    .map(
      ({ path }): ConfigProblem => ({
        code: 'INTAKE_INTO_ADOPTED_GROUP',
        path: `${path}.everything`,
        value: 'true',
        rule: 'a bot that sends everything through intake has a group of its own: leave logGroup.adopt out',
      }),
    );
  const last = users[MAX_INTAKE_BOTS];
  if (last === undefined) return adopted;
  const rule = `at most ${MAX_INTAKE_BOTS} bots of a stage may use intake: its HTTP API has a route for each`;
  return [...adopted, { code: 'TOO_MANY_INTAKE_BOTS', path: last.path, value: String(users.length), rule }];
}

/** Members exist and are named once; a group without a limit judges nothing. */
function groupProblems(config: Loose, strategies: readonly Placed[]): readonly ConfigProblem[] {
  const known = new Set(strategies.map(({ value }) => value));
  return Object.entries(record(config['groups'])).flatMap(([name, written]): readonly ConfigProblem[] => {
    const group = record(written);
    const members = list(group['strategies']).flatMap((id, index) =>
      typeof id === 'string' ? [{ path: `groups.${name}.strategies[${index}]`, value: id }] : [],
    );
    const unknown = members
      .filter(({ value }) => !known.has(value))
      .map(
        ({ path, value }): ConfigProblem => ({
          code: 'UNKNOWN_GROUP_STRATEGY',
          path,
          value: showValue(value),
          rule: `must be a strategy of a bot (${[...known].join(', ')})`,
        }),
      );
    const twice = duplicates(members, 'DUPLICATE_GROUP_STRATEGY', 'a strategy counts once in a group');
    const limits = group['limits'];
    const isEmpty = typeof limits === 'object' && limits !== null && Object.keys(limits).length === 0;
    const none: readonly ConfigProblem[] = isEmpty
      ? [{ code: 'GROUP_WITHOUT_LIMIT', path: `groups.${name}.limits`, value: '{}', rule: 'must set at least one limit' }]
      : [];
    return [...unknown, ...twice, ...none];
  });
}

/** As Kubernetes: a process that answered once is alive, and has started. */
function probeProblems(bots: readonly Loose[]): readonly ConfigProblem[] {
  return bots.flatMap((bot, index) =>
    ['liveness', 'startup'].flatMap((name): ConfigProblem[] => {
      const threshold = record(record(bot['probes'])[name])['successThreshold'];
      if (threshold === undefined || threshold === 1) return [];
      const rule = 'must be 1; only readiness may ask for more';
      return [{ code: 'INVALID_VALUE', path: `bots[${index}].probes.${name}.successThreshold`, value: showValue(threshold), rule }];
    }),
  );
}

/** Probes from a VPC need one, and an id that is named twice means another that is missing. */
function vantageProblems(config: Loose, bots: readonly Loose[]): readonly ConfigProblem[] {
  const vpc = record(config['probeVpc']);
  const twice = ['subnetIds', 'securityGroupIds'].flatMap(key => {
    const ids = list(vpc[key]).flatMap((id, index) => (typeof id === 'string' ? [{ path: `probeVpc.${key}[${index}]`, value: id }] : []));
    return duplicates(ids, 'INVALID_VALUE', 'must be named once');
  });
  const asked = bots.flatMap((bot, index): ConfigProblem[] => {
    const { from, ...probes } = record(bot['probes']);
    const path = `bots[${index}].probes.from`;
    if (from !== undefined && Object.keys(probes).length === 0)
      return [{ code: 'INVALID_VALUE', path, value: showValue(from), rule: 'the bot has no probe' }];
    if (from !== 'vpc' || config['probeVpc'] !== undefined) return [];
    return [{ code: 'INVALID_VALUE', path, value: showValue(from), rule: 'needs probeVpc with subnetIds and securityGroupIds' }];
  });
  return [...twice, ...asked, ...controlProblems(config, bots)];
}

/** A control tells nothing where nobody is probed, nor when it is one of those whom it should be told from. */
function controlProblems(config: Loose, bots: readonly Loose[]): readonly ConfigProblem[] {
  const usual = config['probeVpc'] === undefined ? 'internet' : 'vpc';
  return Object.entries(record(config['probeControls'])).flatMap(([vantage, url]): ConfigProblem[] => {
    if (typeof url !== 'string') return [];
    const hosts = bots.flatMap(bot => {
      const { from = usual, ...probes } = record(bot['probes']);
      return from === vantage ? Object.values(probes).map(probe => hostOf(typeof probe === 'string' ? probe : record(probe)['url'])) : [];
    });
    const rule =
      hosts.length === 0
        ? 'no probe comes from there'
        : hosts.includes(hostOf(url))
          ? 'must be another host than those of the bots'
          : undefined;
    return rule === undefined ? [] : [{ code: 'INVALID_VALUE', path: `probeControls.${vantage}`, value: showValue(url), rule }];
  });
}

const hostOf = (url: unknown): string | undefined => (typeof url === 'string' && URL.canParse(url) ? new URL(url).hostname : undefined);

function routeProblems(config: Loose): readonly ConfigProblem[] {
  const known = Object.keys(record(config['channels']));
  const routes = Object.entries(record(config['routes']));
  const unknown = routes.flatMap(([severity, ids]) =>
    list(ids).flatMap((id, index): ConfigProblem[] => {
      if (typeof id !== 'string' || known.includes(id)) return [];
      const rule = known.length === 0 ? 'no channel is configured' : `must be a configured channel (${known.join(', ')})`;
      return [{ code: 'UNKNOWN_CHANNEL', path: `routes.${severity}[${index}]`, value: showValue(id), rule }];
    }),
  );
  const paging: Severity = 'critical';
  const empty = routes
    .filter(([severity, ids]) => severity === paging && Array.isArray(ids) && ids.length === 0 && known.length > 0)
    .map(
      ([severity]): ConfigProblem => ({
        code: 'UNROUTED_SEVERITY',
        path: `routes.${severity}`,
        value: '[]',
        rule: 'critical alarms must reach at least one channel',
      }),
    );
  return [...unknown, ...empty];
}
