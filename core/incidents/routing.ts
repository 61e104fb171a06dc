/**
 * Where alerts go, with Alertmanager's semantics: a tree of routes; depth first, a node is used only if none of its children matched; a
 * match stops the search among its siblings unless it says `continue`; children inherit what they do not set, except time intervals.
 * Source: https://prometheus.io/docs/alerting/latest/configuration/#route (2026-08). Plain data: it lies beside the functions' code.
 */
import type { Severity } from '../config/types.ts';
import type { EpochMs } from '../time/instant.ts';
import { fingerprint, KEY_LIMIT } from './key.ts';
import { type Labels, type Matcher, matches, matchesAll, showMatchers } from './matcher.ts';
import { inIntervals, type TimeInterval } from './time-interval.ts';

export interface EscalationStep {
  /** After the first notification, while nobody has acknowledged. */
  readonly afterMs: number;
  readonly receiver: string;
}

/** A node with everything inherited. */
export interface Route {
  /** Path in the tree, such as `/0/2`, or its name. */
  readonly id: string;
  /** What its groups are told apart by; routes with equal scope share incidents. */
  readonly scope: string;
  readonly matchers: readonly Matcher[];
  readonly receiver: string;
  /** `...` alone: every label, so that each alert is a group of its own. */
  readonly groupBy: readonly string[];
  /** Absent: 0 for critical alerts, 30 s for others. */
  readonly groupWaitMs?: number;
  /** 0: every change is told at once. */
  readonly groupIntervalMs: number;
  /** 0: never. */
  readonly repeatIntervalMs: number;
  /** How long an alert that cleared counts as firing. */
  readonly keepFiringForMs: number;
  readonly escalation: readonly EscalationStep[];
  readonly muteTimeIntervals: readonly string[];
  readonly activeTimeIntervals: readonly string[];
  readonly continue: boolean;
  readonly routes: readonly Route[];
}

export interface InhibitRule {
  readonly sourceMatchers: readonly Matcher[];
  readonly targetMatchers: readonly Matcher[];
  readonly equal: readonly string[];
}

export interface Flapping {
  /** So many beginnings within `withinMs` are flapping: the alert then counts as firing for `holdMs` after it cleared. */
  readonly firings: number;
  readonly withinMs: number;
  readonly holdMs: number;
}

export interface Routing {
  readonly route: Route;
  /** Channel ids per receiver. */
  readonly receivers: Readonly<Record<string, readonly string[]>>;
  readonly inhibitRules: readonly InhibitRule[];
  readonly timeIntervals: Readonly<Record<string, readonly TimeInterval[]>>;
  readonly flapping: Flapping;
  /** Incidents of single alerts that one minute may open per severity; what comes on top is joined into one. */
  readonly stormLimit: number;
}

export const defaultFlapping: Flapping = { firings: 4, withinMs: 30 * 60_000, holdMs: 10 * 60_000 };
export const defaultStormLimit = 20;

const HOUR = 3_600_000;

/** What nothing else sets, as in Alertmanager. */
export const rootDefaults = {
  groupIntervalMs: 5 * 60_000,
  repeatIntervalMs: 4 * HOUR,
  keepFiringForMs: 0,
} as const;

/** How long the first message of a group waits for others: one that wakes somebody does not, unless its route says so. */
export const waitOf = ({ groupWaitMs }: Route, severity: Severity): number => groupWaitMs ?? (severity === 'critical' ? 0 : 30_000);

/** Silence of a whole telemetry path says nothing about its bots: one page instead of one for each. */
export const builtInInhibitRules: readonly InhibitRule[] = [
  {
    sourceMatchers: [{ label: 'alertname', operator: '=', value: 'telemetry-silent' }],
    targetMatchers: [{ label: 'alertname', operator: '=', value: 'heartbeat-missing' }],
    equal: [],
  },
  // A channel that fails is told about by name over the others.
  {
    sourceMatchers: [{ label: 'alertname', operator: '=', value: 'channel-failing' }],
    targetMatchers: [{ label: 'alertname', operator: '=', value: 'failed-sends' }],
    equal: [],
  },
];

const severities: readonly Severity[] = ['critical', 'warning', 'info'];

/** Reminders while nobody has acknowledged. */
const repeatOf: Readonly<Record<Severity, number>> = { critical: 4 * HOUR, warning: 12 * HOUR, info: 0 };

/** The tree behind the short form `routes: { critical: […], … }`: each alert its own incident, told at once and resolved at once. */
export function routingOfSeverities(routes: Readonly<Record<Severity, readonly string[]>>): Routing {
  const node = (id: string, severity: Severity, matchers: readonly Matcher[], children: readonly Route[]): Route => ({
    id,
    scope: '',
    matchers,
    receiver: severity,
    groupBy: ['...'],
    groupWaitMs: 0,
    groupIntervalMs: 0,
    repeatIntervalMs: repeatOf[severity],
    keepFiringForMs: 0,
    escalation: [],
    muteTimeIntervals: [],
    activeTimeIntervals: [],
    continue: false,
    routes: children,
  });
  const children = severities.map(severity => node(severity, severity, [{ label: 'severity', operator: '=', value: severity }], []));
  return {
    route: node('root', 'critical', [], children),
    receivers: routes,
    inhibitRules: builtInInhibitRules,
    timeIntervals: {},
    flapping: defaultFlapping,
    stormLimit: defaultStormLimit,
  };
}

/** A config's routing, whichever form it was written in. */
export const routingOf = (config: {
  readonly routing?: Routing;
  readonly routes: Readonly<Record<Severity, readonly string[]>>;
}): Routing => config.routing ?? routingOfSeverities(config.routes);

/** One group of one route that an alert belongs to. */
export interface Placement {
  /** Key of the group, and of its incidents. */
  readonly key: string;
  readonly route: Route;
  /** The labels that all alerts of the group share. */
  readonly groupLabels: Labels;
}

/** Routes that take these labels, in the order of the tree. Never empty: the root takes everything. */
export function routesFor(root: Route, labels: Labels): readonly Route[] {
  if (!matchesAll(root.matchers, labels)) return [];
  const found: Route[] = [];
  for (const child of root.routes) {
    const below = routesFor(child, labels);
    found.push(...below);
    if (below.length > 0 && !child.continue) break;
  }
  return found.length > 0 ? found : [root];
}

/** The groups of an alert. `alertKey` names it alone where a route groups by every label. */
export function placementsOf(routing: Routing, alertKey: string, labels: Labels): readonly Placement[] {
  return routesFor(routing.route, labels).map((route, index) => placement(route, alertKey, labels, index === 0));
}

function placement(route: Route, alertKey: string, labels: Labels, first: boolean): Placement {
  if (route.groupBy.includes('...')) {
    const key = first || route.scope === '' ? alertKey : within(`${alertKey}@${route.id}`);
    return { key, route, groupLabels: labels };
  }
  const names = [...new Set(route.groupBy)].sort();
  const groupLabels = Object.fromEntries(names.map(name => [name, Object.hasOwn(labels, name) ? (labels[name] ?? '') : '']));
  const values = names.map(name => `${name}=${groupLabels[name]}`).join(',');
  return { key: within(`v1:group:${route.scope}:${values}`), route, groupLabels };
}

/** Where alerts end that come in such numbers that a message for each would help nobody: one group per route, told again each minute at most. */
export function stormPlacement({ route }: Placement): Placement {
  const storm: Route = { ...route, groupBy: [], groupWaitMs: 0, groupIntervalMs: Math.max(route.groupIntervalMs, 60_000) };
  return { key: within(`v1:storm:${route.id}`), route: storm, groupLabels: {} };
}

export const isStorm = (key: string): boolean => key.startsWith('v1:storm:');

function within(key: string): string {
  const bytes = new TextEncoder().encode(key);
  if (bytes.length <= KEY_LIMIT) return key;
  const tail = `#${fingerprint(key)}`;
  const head = new TextDecoder().decode(bytes.slice(0, KEY_LIMIT - tail.length - 3)).replace(/\uFFFD+$/, '');
  return `${head}${tail}`;
}

/** The route of this id, else the root: a config that changed must not lose what is open. */
export function routeById(routing: Routing, id: string | undefined): Route {
  const search = (route: Route): Route | undefined => {
    if (route.id === id) return route;
    for (const child of route.routes) {
      const found = search(child);
      if (found !== undefined) return found;
    }
    return undefined;
  };
  return search(routing.route) ?? routing.route;
}

export const channelsOf = ({ receivers }: Routing, receiver: string): readonly string[] => receivers[receiver] ?? [];

/** Why a route keeps quiet at this moment; undefined when it does not. */
export function quietAt(route: Route, { timeIntervals }: Routing, at: EpochMs): string | undefined {
  const holds = (name: string) => inIntervals(timeIntervals[name] ?? [], at);
  const muting = route.muteTimeIntervals.find(holds);
  if (muting !== undefined) return `muted by the time interval ${muting}`;
  if (route.activeTimeIntervals.length > 0 && !route.activeTimeIntervals.some(holds))
    return `outside its active time (${route.activeTimeIntervals.join(', ')})`;
  return undefined;
}

/** One line of the explanation of a walk. */
export interface Visit {
  readonly depth: number;
  readonly route: Route;
  readonly verdict: 'taken' | 'entered' | 'not matched' | 'not reached';
  /** In words: which matcher failed, why it was not reached. */
  readonly because: string;
}

/** The walk node by node, as `routesFor` does it. */
export function explainWalk(root: Route, labels: Labels): readonly Visit[] {
  const visits: Visit[] = [];
  const taken = new Set(routesFor(root, labels));
  const walk = (route: Route, depth: number): boolean => {
    const failing = route.matchers.find(matcher => !matches(matcher, labels));
    if (failing !== undefined) {
      const found = Object.hasOwn(labels, failing.label) ? `is "${labels[failing.label]}"` : 'is absent';
      visits.push({ depth, route, verdict: 'not matched', because: `${showMatchers([failing])} does not hold: ${failing.label} ${found}` });
      return false;
    }
    const own = route.matchers.length === 0 ? 'it has no matchers' : `${showMatchers(route.matchers)} holds`;
    visits.push({
      depth,
      route,
      verdict: taken.has(route) ? 'taken' : 'entered',
      because: taken.has(route) && route.routes.length > 0 ? `${own} and none of its children matched` : own,
    });
    let stopped: Route | undefined;
    for (const child of route.routes) {
      if (stopped !== undefined) {
        visits.push({ depth: depth + 1, route: child, verdict: 'not reached', because: `${stopped.id} matched and does not continue` });
        continue;
      }
      if (walk(child, depth + 1) && !child.continue) stopped = child;
    }
    return true;
  };
  walk(root, 0);
  return visits;
}
