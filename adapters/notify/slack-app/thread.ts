/**
 * What follows a message: news in its thread, and the chart. The message went out first and stands without its chart, so a failure there
 * fails nothing: it is said in the error and tried again with the next change.
 */
import type { MessageReference } from '../../../core/incidents/incident.ts';
import type { FollowUp, Verdict } from '../channel.ts';
import { bodyOf } from '../judge.ts';
import { escaped } from '../slack/escape.ts';
import { judge, type SlackAppConfig, slackAppBody } from './index.ts';

type After = FollowUp<SlackAppConfig>;

export async function withChart(after: After): Promise<MessageReference> {
  const { page, reference } = after;
  if (reference['ts'] === undefined) return reference;
  // A new curve when it begins and when it is over; edits in between keep the one that is there.
  const wantsChart = page.duty === 'resolve' || reference['file'] === undefined;
  const png = wantsChart ? await after.chart() : undefined;
  if (png === undefined) return reference;
  const file = await upload(after, png);
  const withFile: MessageReference = { ...reference, file };
  const edit = { channel: withFile['channel'], ts: withFile['ts'], ...slackAppBody({ ...after, previous: withFile }) };
  const { verdict } = await after.call(json(after, 'chat.update', edit), judge);
  return verdict.ok ? withFile : reference;
}

export async function inThread(after: After, news: string): Promise<Verdict | undefined> {
  const { reference, page } = after;
  if (reference['ts'] === undefined) return undefined;
  const body = {
    channel: reference['channel'],
    thread_ts: reference['ts'],
    text: escaped(news, 1_500),
    mrkdwn: false,
    unfurl_links: false,
    // The end, and more trouble, are for everybody in the channel, not for the thread's readers alone.
    ...(page.duty === 'resolve' || page.duty === 'trigger' ? { reply_broadcast: true } : {}),
  };
  return (await after.call(json(after, 'chat.postMessage', body), judge)).verdict;
}

/** Three steps: ask for an address, send the bytes there, say that it is complete. Without a channel the file is the app's alone. */
async function upload(after: After, png: Uint8Array): Promise<string> {
  const form = new URLSearchParams({ filename: 'chart.png', length: String(png.length), alt_txt: `Chart: ${after.page.headline}` });
  const asked = await after.call(
    {
      url: 'https://slack.com/api/files.getUploadURLExternal',
      headers: { 'content-type': 'application/x-www-form-urlencoded', authorization: `Bearer ${after.secrets['botToken']}` },
      body: form.toString(),
    },
    judge,
  );
  const { upload_url: url, file_id: id } = bodyOf(asked.answer?.body ?? '');
  if (typeof url !== 'string' || typeof id !== 'string' || !/^https:\/\/[a-z0-9.-]*slack(?:-edge|-files)?\.com\//.test(url))
    throw new Error(asked.verdict.ok ? 'Slack named no address for the chart' : asked.verdict.detail);
  const sent = await after.call({ url, headers: { 'content-type': 'application/octet-stream' }, body: png }, ({ status, body }) =>
    status === 200
      ? { ok: true }
      : { ok: false, retry: status >= 500 ? 'later' : 'never', kind: 'client', detail: `HTTP ${status} ${body.slice(0, 80)}` },
  );
  if (!sent.verdict.ok) throw new Error(sent.verdict.detail);
  const done = await after.call(json(after, 'files.completeUploadExternal', { files: [{ id, title: 'Chart' }] }), judge);
  if (!done.verdict.ok) throw new Error(done.verdict.detail);
  return id;
}

const json = ({ secrets }: After, method: string, body: Readonly<Record<string, unknown>>) => ({
  url: `https://slack.com/api/${method}`,
  headers: { 'content-type': 'application/json; charset=utf-8', authorization: `Bearer ${secrets['botToken']}` },
  body: JSON.stringify(body),
});
