/**
 * Deployments and other changes that bots report, once a minute while there are any: lines in the timelines of open incidents, and change events at PagerDuty.
 * Best effort: no page waits for them.
 */
import { errorFields } from '../../adapters/aws/output.ts';
import type { Table } from '../../adapters/aws/table.ts';
import { sendChange } from '../../adapters/notify/pagerduty/change.ts';
import { CHANGE_LEAD_MS, changeLine, isTouchedBy, type StrategyChange } from '../../core/incidents/changes.ts';
import { fingerprint } from '../../core/incidents/key.ts';
import { isoFromMs } from '../../core/time/instant.ts';
import type { NotifierTools } from './tools.ts';

export interface ChangeTools extends Pick<NotifierTools, 'config' | 'secrets' | 'send' | 'output'> {
  readonly table: Pick<Table, 'get' | 'put'>;
  readonly incidents: Pick<NotifierTools['incidents'], 'list' | 'note'>;
  /** The newest changes of each strategy, as far as it reported any. */
  readonly changes: () => Promise<readonly StrategyChange[]>;
}

/** Older ones are history for PagerDuty: a stack that is new must not tell it. */
const NEWS_MS = 10 * 60_000;
const KEEP_SECONDS = 86_400;
/** Newest incidents that are looked through for open ones. */
const LISTED = 100;

export async function tellChanges(tools: ChangeTools): Promise<void> {
  const { send, output } = tools;
  try {
    const nowMs = send.now();
    const recent = (await tools.changes()).filter(({ at }) => at > nowMs - CHANGE_LEAD_MS && at <= nowMs);
    if (recent.length === 0) return;
    const news = recent.filter(({ at }) => at > nowMs - NEWS_MS);
    const told = await Promise.allSettled([toTimelines(recent, tools), toPagers(news, tools)]);
    for (const each of told) if (each.status === 'rejected') throw each.reason;
  } catch (error) {
    output.warn('changes not told', errorFields(error));
  }
}

/** Each minute again while the change is recent, for incidents that open after it; the same line stays one. */
async function toTimelines(recent: readonly StrategyChange[], { config, incidents }: ChangeTools): Promise<void> {
  const known = await incidents.list(LISTED);
  for (const change of recent)
    for (const incident of known.filter(each => isTouchedBy(each, change, config))) await incidents.note(incident.key, changeLine(change));
}

async function toPagers(news: readonly StrategyChange[], tools: ChangeTools): Promise<void> {
  const { config, secrets, send, output, table } = tools;
  const pagers = Object.entries(config.channels).flatMap(([id, channel]) => (channel.kind === 'pagerduty' ? [{ id, channel }] : []));
  for (const change of news) {
    for (const { id, channel } of pagers) {
      const key = { pk: `CHANGE#${change.strategyId}`, sk: `${isoFromMs(change.at)}#${fingerprint(changeLine(change).text)}#${id}` };
      if ((await table.get(key)) !== undefined) continue;
      const outcome = await sendChange(change, channel, await secrets.read(channel.routingKey.secretName), send);
      // What is refused for good is not tried again each minute.
      if (outcome.ok || outcome.retry !== 'later') await table.put({ ...key, expiresAt: Math.floor(send.now() / 1000) + KEEP_SECONDS });
      output.info('change event', { channel: id, strategyId: change.strategyId, action: change.action, ok: outcome.ok });
    }
  }
}
