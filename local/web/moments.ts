/** Deploys and sessions on every time chart: which ones there are, and which of them the reader wants to see. */
import { api, type MomentView } from './api.ts';
import type { TimeRange } from './dashboard/period.ts';
import { amend, route } from './router.ts';
import { signal } from './signal.ts';
import { memory } from './theme.ts';

export const momentGroups = ['deploys', 'sessions'] as const;
export type MomentGroup = (typeof momentGroups)[number];

export interface ChartMoment {
  readonly atMs: number;
  readonly kind: MomentView['kind'];
  readonly text: string;
  readonly strategies: readonly string[];
}

export const groupOf = ({ kind }: { readonly kind: MomentView['kind'] }): MomentGroup =>
  kind === 'open' || kind === 'close' ? 'sessions' : 'deploys';

/** `deploys,sessions`, `none`; what is no name of a group is left out. Undefined without text. */
export function readGroups(text: string | undefined): ReadonlySet<MomentGroup> | undefined {
  if (text === undefined) return undefined;
  const names = text.split(',');
  return new Set(momentGroups.filter(each => names.includes(each)));
}

export const groupsText = (groups: ReadonlySet<MomentGroup>): string => momentGroups.filter(each => groups.has(each)).join(',') || 'none';

/** The address wins over what was chosen last time; without either everything is shown. */
export const shownGroups = signal<ReadonlySet<MomentGroup>>(
  readGroups(route.get().search['marks']) ?? readGroups(memory.get('marks')) ?? new Set(momentGroups),
);

/** Of the range that was asked for last; empty where nothing runs. */
export const moments = signal<readonly ChartMoment[]>([]);
/** Markets with more sessions in the range than a chart can show. */
export const crowded = signal<readonly string[]>([]);

export function showGroup(group: MomentGroup, isShown: boolean): void {
  const next = new Set(shownGroups.get());
  if (isShown) next.add(group);
  else next.delete(group);
  memory.set('marks', groupsText(next));
  amend({ ...route.get().search, marks: groupsText(next) });
  shownGroups.set(next);
}

/** What charts draw now. */
export const drawnMoments = (): readonly ChartMoment[] => moments.get().filter(each => shownGroups.get().has(groupOf(each)));

let asked = 0;

/** Only what concerns one of `strategies`, or everything without them. An answer that another question has overtaken is dropped. */
export async function loadMoments({ fromMs, toMs }: TimeRange, strategies?: ReadonlySet<string>): Promise<void> {
  asked += 1;
  const mine = asked;
  const answer = await api
    .moments({ from: new Date(fromMs).toISOString(), to: new Date(toMs).toISOString() })
    .catch(() => ({ moments: [] as readonly MomentView[], crowded: [] as readonly string[] }));
  if (mine !== asked) return;
  const next = answer.moments
    .filter(each => strategies === undefined || each.strategies.some(id => strategies.has(id)))
    .map(({ at, ...each }) => ({ ...each, atMs: Date.parse(at) }));
  if (JSON.stringify(next) !== JSON.stringify(moments.get())) moments.set(next);
  crowded.set(answer.crowded);
}

export function forgetMoments(): void {
  asked += 1;
  moments.set([]);
  crowded.set([]);
}

/** A shared link brings its own choice, also while the page is open. */
export function startMoments(): void {
  route.onChange(({ search }) => {
    const named = readGroups(search['marks']);
    if (named !== undefined && groupsText(named) !== groupsText(shownGroups.get())) shownGroups.set(named);
  });
}
