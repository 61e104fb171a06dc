/** Deployments and other changes that bots report, told to PagerDuty as change events once a minute. Best effort: no page waits for them. */
import { errorFields } from '../../adapters/aws/output.ts';
import type { Table } from '../../adapters/aws/table.ts';
import { type StrategyChange, sendChange } from '../../adapters/notify/pagerduty/change.ts';
import { isoFromMs } from '../../core/time/instant.ts';
import type { NotifierTools } from './tools.ts';

export interface ChangeTools extends Pick<NotifierTools, 'config' | 'secrets' | 'send' | 'output'> {
  readonly table: Pick<Table, 'get' | 'put'>;
  /** Newest change of each strategy, as far as it reported one. */
  readonly changes: () => Promise<readonly StrategyChange[]>;
}

/** Older ones are history: a stack that is new must not tell it. */
const NEWS_MS = 10 * 60_000;
const KEEP_SECONDS = 86_400;

export async function tellChanges(tools: ChangeTools): Promise<void> {
  const { config, secrets, send, output, table } = tools;
  const pagers = Object.entries(config.channels).flatMap(([id, channel]) => (channel.kind === 'pagerduty' ? [{ id, channel }] : []));
  if (pagers.length === 0) return;
  try {
    const nowMs = send.now();
    const news = (await tools.changes()).filter(({ at }) => at > nowMs - NEWS_MS && at <= nowMs);
    for (const change of news) {
      for (const { id, channel } of pagers) {
        const key = { pk: `CHANGE#${change.strategyId}`, sk: `${isoFromMs(change.at)}#${change.action}#${id}` };
        if ((await table.get(key)) !== undefined) continue;
        const outcome = await sendChange(change, channel, await secrets.read(channel.routingKey.secretName), send);
        // What is refused for good is not tried again each minute.
        if (outcome.ok || outcome.retry !== 'later') await table.put({ ...key, expiresAt: Math.floor(nowMs / 1000) + KEEP_SECONDS });
        output.info('change event', { channel: id, strategyId: change.strategyId, action: change.action, ok: outcome.ok });
      }
    }
  } catch (error) {
    output.warn('changes not told', errorFields(error));
  }
}
