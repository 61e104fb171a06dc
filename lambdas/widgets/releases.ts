import { type Html, table } from './html.ts';
import { clockText } from './request.ts';
import type { Shown } from './shown.ts';

const ROWS = 25;

/** Deploys, halts and other changes of the time range, newest first; when none, the newest before it. */
export async function releases({ request, history }: Shown): Promise<Html> {
  const marks = await history.readMarks(request.strategies.map(({ id }) => id));
  const all = [...marks].flatMap(([id, own]) => own.map(mark => ({ id, mark }))).sort((a, b) => b.mark[0] - a.mark[0]);
  const within = all.filter(({ mark: [at] }) => at >= request.fromMs && at <= request.toMs);
  const rows = (within.length > 0 ? within : all)
    .slice(0, ROWS)
    .map(({ id, mark: [at, action, actor, reason] }) => [clockText(at, request), id, action, actor, reason]);
  return table(['When', 'Strategy', 'What', 'Who', 'Why'], rows, 'No release, halt or change was reported (control events).');
}
