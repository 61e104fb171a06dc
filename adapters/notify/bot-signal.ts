/** Sends a signal to a bot of the user: a signed POST, or a message to its topic. */
import type { BotConfig } from '../../core/config/types.ts';
import { type SignalOrder, signalMessage } from '../../core/incidents/bot-signal.ts';
import type { Answer, Verdict } from './channel.ts';
import type { DeliveryTools } from './deliver.ts';
import { judgeStatus } from './judge.ts';
import { send } from './send.ts';
import { signatureHeaders } from './webhook/index.ts';

export type SignalSent =
  | { readonly ok: true; readonly detail: string }
  | { readonly ok: false; readonly retry: 'later' | 'never'; readonly detail: string };

/** A bot that does not answer within five seconds is tried again by the queue that the signal came from. */
const LIMITS = { timeoutMs: 5_000, tries: 2, budgetMs: 12_000 };

/**
 * A secret that was rotated (we keep its old value for minutes) and a bot that is being deployed pass: a halt that its person believes to
 * be on its way must not be lost to them. The queue bounds how often it comes again.
 */
function judge(answer: Answer): Verdict {
  const verdict = judgeStatus(answer);
  return !verdict.ok && [401, 403, 404, 410].includes(answer.status) ? { ...verdict, retry: 'later', kind: 'auth' } : verdict;
}

export async function sendBotSignal(order: SignalOrder, bot: BotConfig, tools: Omit<DeliveryTools, 'chart'>): Promise<SignalSent> {
  const { signals } = bot;
  const message = signalMessage(order, bot);
  try {
    if (signals?.topicArn !== undefined) {
      if (tools.publish === undefined) return { ok: false, retry: 'never', detail: 'this function may not publish to SNS' };
      await tools.publish(signals.topicArn, JSON.stringify(message), undefined);
      return { ok: true, detail: 'published to the bot’s topic' };
    }
    if (signals?.webhook === undefined) return { ok: false, retry: 'never', detail: 'the bot has no receiver' };
    const url = await tools.secrets.read(signals.webhook.url.secretName);
    const secret = await tools.secrets.read(signals.webhook.signingSecret.secretName);
    const body = JSON.stringify(message);
    const headers = { 'content-type': 'application/json', ...signatureHeaders(body, secret, tools.send.now()) };
    const outcome = await send({ url, headers, body }, judge, tools.send, LIMITS);
    if (!outcome.ok && outcome.kind === 'auth')
      for (const { secretName } of [signals.webhook.url, signals.webhook.signingSecret]) tools.secrets.forget(secretName);
    if (outcome.ok) return { ok: true, detail: outcome.detail };
    return { ok: false, retry: outcome.retry === 'later' ? 'later' : 'never', detail: outcome.detail };
  } catch (error) {
    return { ok: false, retry: 'later', detail: error instanceof Error ? error.name : 'error' };
  }
}
