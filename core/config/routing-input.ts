/** Routing as a person writes it (docs/alerting.md), and how it becomes plain data. The names are Alertmanager's, in camelCase. */
import * as v from 'valibot';
import { isZone } from '../cloudwatch/zone.ts';
import { parseDuration } from '../incidents/duration.ts';
import { type Matcher, parseMatcher } from '../incidents/matcher.ts';
import {
  builtInInhibitRules,
  channelsOf,
  defaultFlapping,
  defaultStormLimit,
  type InhibitRule,
  type Route,
  type Routing,
  rootDefaults,
  routesFor,
  routingOfSeverities,
} from '../incidents/routing.ts';
import type { Range, TimeInterval } from '../incidents/time-interval.ts';
import type { Calendars } from './calendars.ts';
import { type ConfigProblem, showValue } from './problem.ts';
import type { Severity } from './types.ts';

export interface RouteInput {
  /** Shown instead of its place in the tree. */
  readonly name?: string;
  /** Name of a receiver, or of a channel. The root needs one; children inherit it. */
  readonly receiver?: string;
  /** All must hold: `severity="critical"`, `Strategy=~"btc-.*"`. */
  readonly matchers?: readonly string[];
  /** Labels that tell groups apart; `['...']` makes each alert a group of its own. Default: one group per route. */
  readonly groupBy?: readonly string[];
  /** Default: 0s for critical alerts, 30s for others. */
  readonly groupWait?: string;
  /** Default 5m; 0s tells every change at once. */
  readonly groupInterval?: string;
  /** Reminders while nobody has acknowledged. Default 4h; 0s: none. */
  readonly repeatInterval?: string;
  /** How long an alert that cleared counts as firing. Default 0s. */
  readonly keepFiringFor?: string;
  /** Goes on with the next sibling after a match. Default false. */
  readonly continue?: boolean;
  readonly muteTimeIntervals?: readonly string[];
  readonly activeTimeIntervals?: readonly string[];
  /** Who is asked next while nobody acknowledges. */
  readonly escalation?: readonly { readonly after: string; readonly receiver: string }[];
  readonly routes?: readonly RouteInput[];
}

export interface TimeIntervalInput {
  readonly times?: readonly { readonly start: string; readonly end: string }[];
  /** `monday`, `monday:friday`. */
  readonly weekdays?: readonly string[];
  /** `1:5`, `-3:-1`. */
  readonly daysOfMonth?: readonly string[];
  /** `january`, `6:8`. */
  readonly months?: readonly string[];
  /** `2026`, `2026:2028`. */
  readonly years?: readonly string[];
  /** IANA zone. Default UTC. */
  readonly location?: string;
  /** Name of a market calendar, or of one of `calendars`: holds while that market is open, with `closed: true` while it is closed. */
  readonly calendar?: string;
  readonly closed?: boolean;
}

export interface RoutingInput {
  /** The whole tree; instead of `routes`. */
  readonly route?: RouteInput;
  /** Channel ids per receiver. */
  readonly receivers?: Readonly<Record<string, readonly string[]>>;
  readonly inhibitRules?: readonly {
    readonly sourceMatchers: readonly string[];
    readonly targetMatchers: readonly string[];
    readonly equal?: readonly string[];
  }[];
  readonly timeIntervals?: Readonly<Record<string, readonly TimeIntervalInput[]>>;
  /** With `routes`: warning and info are not announced at these times. */
  readonly quietHours?: readonly TimeIntervalInput[];
  /** Alerts that begin so often are kept firing for a while. Default: 4 within 30m are kept for 10m; `false`: never. */
  readonly flapping?: false | { readonly firings?: number; readonly within?: string; readonly hold?: string };
  /** Incidents of single alerts that one minute may open per severity, before they are joined into one. Default 20; 0: no limit. */
  readonly stormLimit?: number;
}

const name = v.pipe(v.string(), v.regex(/^\P{Cc}{1,128}$/u, 'must have 1 to 128 characters'));
const duration = v.pipe(
  v.string(),
  v.check(text => parseDuration(text).ok, 'must be a duration such as 30s, 5m, 1h30m or 1d'),
);
const matcher = v.pipe(
  v.string(),
  v.rawCheck(({ dataset, addIssue }) => {
    if (!dataset.typed) return;
    const read = parseMatcher(dataset.value);
    if (!read.ok) addIssue({ message: read.error });
  }),
);
const names = v.array(name);

const routeSchema: v.GenericSchema<RouteInput> = v.strictObject({
  name: v.optional(name),
  receiver: v.optional(name),
  matchers: v.optional(v.array(matcher)),
  groupBy: v.optional(names),
  groupWait: v.optional(duration),
  groupInterval: v.optional(duration),
  repeatInterval: v.optional(duration),
  keepFiringFor: v.optional(duration),
  continue: v.optional(v.boolean()),
  muteTimeIntervals: v.optional(names),
  activeTimeIntervals: v.optional(names),
  escalation: v.optional(v.array(v.strictObject({ after: duration, receiver: name }))),
  routes: v.optional(v.array(v.lazy(() => routeSchema))),
}) as v.GenericSchema<RouteInput>;

const weekdays = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];
const months = ['january', 'february', 'march', 'april', 'may', 'june', 'july', 'august', 'september', 'october', 'november', 'december'];

/** `a:b` or `a`; ends are names of `known` (the first is number `first`) or whole numbers between `min` and `max`. */
function rangeOf(
  text: string,
  { known = [], first = 0, min, max }: { known?: readonly string[]; first?: number; min: number; max: number },
) {
  const ends = text.split(':').map(part => {
    const at = known.indexOf(part.trim().toLowerCase());
    return at >= 0 ? at + first : /^-?\d{1,4}$/.test(part.trim()) ? Number(part) : Number.NaN;
  });
  const [from, to = from] = ends;
  if (ends.length > 2 || from === undefined || to === undefined) return undefined;
  if (![from, to].every(end => end >= min && end <= max && !(end === 0 && min < 0))) return undefined;
  // Both from the same end of the month, or across: only the same side can be compared.
  return Math.sign(from) === Math.sign(to) && from > to ? undefined : ({ from, to } satisfies Range);
}

const rangeOptions = {
  weekdays: { known: weekdays, min: 0, max: 6 },
  daysOfMonth: { min: -31, max: 31 },
  months: { known: months, first: 1, min: 1, max: 12 },
  years: { min: 1970, max: 9999 },
} as const;

const ranges = (kind: keyof typeof rangeOptions, rule: string) =>
  v.optional(
    v.array(
      v.pipe(
        v.string(),
        v.check(text => rangeOf(text, rangeOptions[kind]) !== undefined, rule),
      ),
    ),
  );

const timeOfDay = v.pipe(v.string(), v.regex(/^(?:[01]\d|2[0-3]):[0-5]\d$|^24:00$/, 'must be a time such as 09:00, at most 24:00'));

const timeInterval = v.strictObject({
  times: v.optional(
    v.array(
      v.pipe(
        v.strictObject({ start: timeOfDay, end: timeOfDay }),
        v.check(({ start, end }) => start < end, 'must end after it starts; write two ranges for a night'),
      ),
    ),
  ),
  weekdays: ranges('weekdays', 'must be a weekday or a range such as monday:friday'),
  daysOfMonth: ranges('daysOfMonth', 'must be a day or a range such as 1:5 or -3:-1'),
  months: ranges('months', 'must be a month or a range such as june:august or 6:8'),
  years: ranges('years', 'must be a year or a range such as 2026:2028'),
  location: v.optional(v.pipe(v.string(), v.check(isZone, 'must be an IANA time zone, such as Europe/Berlin'))),
  calendar: v.optional(v.string()),
  closed: v.optional(v.boolean()),
});

/** Keys of the config that are about routing. */
export const routingEntries = {
  route: v.optional(routeSchema),
  receivers: v.optional(v.record(name, v.array(name))),
  inhibitRules: v.optional(
    v.array(
      v.strictObject({
        sourceMatchers: v.pipe(v.array(matcher), v.minLength(1, 'must have at least one matcher')),
        targetMatchers: v.pipe(v.array(matcher), v.minLength(1, 'must have at least one matcher')),
        equal: v.optional(names),
      }),
    ),
  ),
  timeIntervals: v.optional(v.record(name, v.array(timeInterval))),
  quietHours: v.optional(v.array(timeInterval)),
  flapping: v.optional(
    v.union([
      v.literal(false),
      v.strictObject({
        firings: v.optional(
          v.pipe(
            v.number(),
            v.integer('must be a whole number'),
            v.minValue(2, 'must be at least 2'),
            v.maxValue(20, 'must be at most 20'),
          ),
        ),
        within: v.optional(duration),
        hold: v.optional(duration),
      }),
    ]),
  ),
  stormLimit: v.optional(
    v.pipe(
      v.number(),
      v.integer('must be a whole number'),
      v.minValue(0, 'must not be negative'),
      v.maxValue(1_000, 'must be at most 1000'),
    ),
  ),
};

/** Routing that passed the schema and `routingProblems`. */
export function routingFrom(
  input: RoutingInput,
  channels: readonly string[],
  routes: Readonly<Record<Severity, readonly string[]>>,
  calendars: Calendars = name => name,
): Routing {
  const interval = (written: TimeIntervalInput) => intervalOf(written, calendars);
  const { route, inhibitRules = [], timeIntervals = {}, quietHours, flapping, stormLimit } = input;
  const short = routingOfSeverities(routes);
  const own = (input.receivers ?? {}) as Readonly<Record<string, readonly string[]>>;
  const receivers = { ...Object.fromEntries(channels.map(id => [id, [id]])), ...own };
  const tree =
    route === undefined
      ? { route: withQuietHours(short.route, quietHours !== undefined), receivers: short.receivers }
      : { route: treeOf(route), receivers };
  return {
    ...tree,
    inhibitRules: [...builtInInhibitRules, ...inhibitRules.map(ruleOf)],
    timeIntervals: {
      ...Object.fromEntries(Object.entries(timeIntervals).map(([key, list]) => [key, list.map(interval)])),
      ...(quietHours === undefined ? {} : { [QUIET]: quietHours.map(interval) }),
    },
    flapping: flappingOf(flapping),
    stormLimit: stormLimit ?? defaultStormLimit,
  };
}

const QUIET = 'quietHours';

const withQuietHours = (root: Route, quiet: boolean): Route =>
  quiet
    ? { ...root, routes: root.routes.map(child => (child.receiver === 'critical' ? child : { ...child, muteTimeIntervals: [QUIET] })) }
    : root;

function flappingOf(flapping: RoutingInput['flapping']) {
  if (flapping === undefined) return defaultFlapping;
  if (flapping === false) return { ...defaultFlapping, firings: Number.MAX_SAFE_INTEGER };
  const { firings, within, hold } = flapping;
  return {
    firings: firings ?? defaultFlapping.firings,
    withinMs: within === undefined ? defaultFlapping.withinMs : ms(within),
    holdMs: hold === undefined ? defaultFlapping.holdMs : ms(hold),
  };
}

const root: Route = {
  id: '/',
  scope: '/',
  matchers: [],
  receiver: '',
  groupBy: [],
  ...rootDefaults,
  escalation: [],
  muteTimeIntervals: [],
  activeTimeIntervals: [],
  continue: false,
  routes: [],
};

const treeOf = (written: RouteInput): Route => nodeOf(written, root, '/');

function nodeOf(written: RouteInput, parent: Route, path: string): Route {
  const { groupWait, groupInterval, repeatInterval, keepFiringFor, escalation } = written;
  const id = written.name ?? path;
  const inherited = groupWait === undefined ? parent.groupWaitMs : ms(groupWait);
  const node: Route = {
    id,
    scope: id,
    matchers: (written.matchers ?? []).map(matcherOf),
    receiver: written.receiver ?? parent.receiver,
    groupBy: written.groupBy ?? parent.groupBy,
    ...(inherited === undefined ? {} : { groupWaitMs: inherited }),
    groupIntervalMs: groupInterval === undefined ? parent.groupIntervalMs : ms(groupInterval),
    repeatIntervalMs: repeatInterval === undefined ? parent.repeatIntervalMs : ms(repeatInterval),
    keepFiringForMs: keepFiringFor === undefined ? parent.keepFiringForMs : ms(keepFiringFor),
    escalation: escalation?.map(({ after, receiver }) => ({ afterMs: ms(after), receiver })) ?? parent.escalation,
    muteTimeIntervals: written.muteTimeIntervals ?? [],
    activeTimeIntervals: written.activeTimeIntervals ?? [],
    continue: written.continue ?? false,
    routes: [],
  };
  const below = path === '/' ? '/' : `${path}/`;
  return { ...node, routes: (written.routes ?? []).map((child, index) => nodeOf(child, node, `${below}${index}`)) };
}

const ruleOf = ({ sourceMatchers, targetMatchers, equal = [] }: NonNullable<RoutingInput['inhibitRules']>[number]): InhibitRule => ({
  sourceMatchers: sourceMatchers.map(matcherOf),
  targetMatchers: targetMatchers.map(matcherOf),
  equal,
});

function intervalOf({ times, location, calendar, closed, ...fields }: TimeIntervalInput, calendars: Calendars): TimeInterval {
  const list = (kind: keyof typeof rangeOptions) => fields[kind]?.flatMap(text => rangeOf(text, rangeOptions[kind]) ?? []);
  const found = Object.entries({
    times: times?.map(({ start, end }) => ({ startMinute: minuteOf(start), endMinute: minuteOf(end) })),
    weekdays: list('weekdays'),
    daysOfMonth: list('daysOfMonth'),
    months: list('months'),
    years: list('years'),
    location,
    calendar: calendar === undefined ? undefined : calendars(calendar),
    closed,
  }).filter(([, value]) => value !== undefined);
  return Object.fromEntries(found) as TimeInterval;
}

const minuteOf = (text: string) => Number(text.slice(0, 2)) * 60 + Number(text.slice(3));

/** Of text that passed the schema. */
function ms(text: string): number {
  const read = parseDuration(text);
  return read.ok ? read.value : 0;
}

function matcherOf(text: string): Matcher {
  const read = parseMatcher(text);
  return read.ok ? read.value : { label: text, operator: '=', value: '' };
}

/** Channels of each severity by the tree, for whoever asks by severity alone. */
export function severitiesOf(routing: Routing): Readonly<Record<Severity, readonly string[]>> {
  const of = (severity: Severity) => [
    ...new Set(routesFor(routing.route, { severity }).flatMap(({ receiver }) => channelsOf(routing, receiver))),
  ];
  return { critical: of('critical'), warning: of('warning'), info: of('info') };
}

type Loose = Readonly<Record<string, unknown>>;
const record = (value: unknown): Loose => (typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Loose) : {});
const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** Rules between the keys of routing, over raw input. */
export function routingProblems(config: Loose): readonly ConfigProblem[] {
  const receivers = record(config['receivers']);
  const channels = Object.keys(record(config['channels']));
  const intervals = Object.keys(record(config['timeIntervals']));
  const known = [...Object.keys(receivers), ...channels];
  const problems: ConfigProblem[] = [];
  const report = (code: ConfigProblem['code'], path: string, value: unknown, rule: string) =>
    problems.push({ code, path, value: showValue(value), rule });
  for (const [receiver, ids] of Object.entries(receivers))
    for (const [index, id] of list(ids).entries())
      if (typeof id === 'string' && !channels.includes(id))
        report('UNKNOWN_CHANNEL', `receivers.${receiver}[${index}]`, id, `must be a configured channel (${channels.join(', ')})`);
  if (config['route'] === undefined) return problems;
  if (config['routes'] !== undefined)
    report('INVALID_VALUE', 'routes', config['routes'], 'must be absent where `route` holds the whole tree');
  if (config['quietHours'] !== undefined)
    report('INVALID_VALUE', 'quietHours', 'a list', 'goes with `routes`; in a tree use timeIntervals and muteTimeIntervals');
  const seen = new Map<string, string>();
  const walk = (value: unknown, path: string) => {
    const node = record(value);
    for (const [at, receiver] of [
      [`${path}.receiver`, node['receiver']],
      ...list(node['escalation']).map((step, index) => [`${path}.escalation[${index}].receiver`, record(step)['receiver']]),
    ] as const)
      if (typeof receiver === 'string' && !known.includes(receiver))
        report('UNKNOWN_CHANNEL', String(at), receiver, `must be a receiver or a channel (${known.join(', ')})`);
    for (const key of ['muteTimeIntervals', 'activeTimeIntervals'])
      for (const [index, interval] of list(node[key]).entries())
        if (typeof interval === 'string' && !intervals.includes(interval))
          report('INVALID_VALUE', `${path}.${key}[${index}]`, interval, `must be one of timeIntervals (${intervals.join(', ')})`);
    const id = node['name'];
    if (typeof id === 'string' && seen.has(id)) report('INVALID_VALUE', `${path}.name`, id, `must differ from that of ${seen.get(id)}`);
    if (typeof id === 'string') seen.set(id, path);
    if (list(node['groupBy']).includes('...') && list(node['groupBy']).length > 1)
      report('INVALID_VALUE', `${path}.groupBy`, node['groupBy'], 'must be ["..."] alone, or label names');
    for (const [index, child] of list(node['routes']).entries()) walk(child, `${path}.routes[${index}]`);
  };
  const top = record(config['route']);
  if (top['receiver'] === undefined)
    report('MISSING', 'route.receiver', undefined, 'is required: the root takes whatever nothing else takes');
  for (const key of ['matchers', 'muteTimeIntervals', 'activeTimeIntervals', 'continue'])
    if (top[key] !== undefined)
      report('INVALID_VALUE', `route.${key}`, top[key], 'is not for the root, which takes everything at all times');
  walk(top, 'route');
  return problems;
}
