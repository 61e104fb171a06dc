/** The published limits of the channels, checked on a finished request. Each returns what is wrong with it. */
import type { HttpRequest } from '../../adapters/notify/channel.ts';
import type { ChannelConfig } from '../../core/config/types.ts';

type Loose = Readonly<Record<string, unknown>>;
const loose = (value: unknown): Loose => (typeof value === 'object' && value !== null ? (value as Loose) : {});
const list = (value: unknown): readonly Loose[] => (Array.isArray(value) ? (value as Loose[]) : []);
const length = (value: unknown): number => (typeof value === 'string' ? value.length : -1);

type Check = (holds: boolean, fault: string) => void;

function faultsWith(request: HttpRequest, judge: (check: Check) => void): readonly string[] {
  const faults: string[] = [];
  judge((holds, fault) => {
    if (!holds) faults.push(fault);
  });
  return [...faults, ...emptyWords(request.body)];
}

const isUrl = (url: unknown, most: number) => typeof url === 'string' && url.length <= most && /^https?:\/\/[^\s<>"]+$/.test(url);

export function slackFaults(request: HttpRequest): readonly string[] {
  const { body } = request;
  return faultsWith(request, check => {
    check(length(body['text']) > 0 && length(body['text']) <= 4_000, 'text');
    const attachments = list(body['attachments']);
    const blocks = attachments.flatMap(attachment => list(attachment['blocks']));
    check(blocks.length >= 1 && blocks.length <= 50, '50 blocks');
    check(JSON.stringify(blocks).length <= 13_000, 'sum of blocks');
    for (const block of blocks) slackBlock(block, check);
    for (const attachment of attachments) check(/^#[0-9a-f]{6}$/.test(String(attachment['color'])), 'colour');
  });
}

function slackBlock(block: Loose, check: Check): void {
  const text = block['text'] === undefined ? undefined : loose(block['text']);
  const elements = list(block['elements']);
  check(block['block_id'] === undefined || length(block['block_id']) <= 255, 'block_id');
  switch (block['type']) {
    case 'section': {
      const fields = list(block['fields']);
      check(text === undefined || (length(text['text']) >= 1 && length(text['text']) <= 3_000), 'section text');
      check(text !== undefined || fields.length > 0, 'section without text and fields');
      check(fields.length <= 10 && fields.every(field => length(field['text']) >= 1 && length(field['text']) <= 2_000), 'fields');
      return;
    }
    case 'context':
      check(elements.length <= 10 && elements.every(element => length(element['text']) <= 3_000), 'context');
      return;
    case 'actions':
      check(elements.length >= 1 && elements.length <= 25, 'actions');
      check(new Set(elements.map(each => each['action_id'])).size === elements.length, 'action ids differ');
      for (const element of elements) slackButton(element, check);
      return;
    case 'image':
      check(length(block['alt_text']) >= 1 && length(block['alt_text']) <= 2_000, 'alt text');
      check((block['slack_file'] === undefined) !== (block['image_url'] === undefined), 'one source of the image');
      return;
    default:
      check(false, `block ${String(block['type'])}`);
  }
}

function slackButton(button: Loose, check: Check): void {
  check(length(loose(button['text'])['text']) >= 1 && length(loose(button['text'])['text']) <= 75, 'button text');
  check(length(button['action_id']) <= 255, 'action_id');
  check(button['url'] === undefined || isUrl(button['url'], 3_000), 'button url');
  check(button['value'] === undefined || length(button['value']) <= 2_000, 'button value');
  check([undefined, 'primary', 'danger'].includes(button['style'] as string | undefined), 'button style');
  if (button['confirm'] === undefined) return;
  const confirm = loose(button['confirm']);
  const part = (name: string, most: number) =>
    check(length(loose(confirm[name])['text']) >= 1 && length(loose(confirm[name])['text']) <= most, `confirm ${name}`);
  part('title', 100);
  part('text', 300);
  part('confirm', 30);
  part('deny', 30);
}

export function slackAppFaults(request: HttpRequest): readonly string[] {
  const { body } = request;
  const isEdit = request.url.endsWith('/chat.update');
  return [
    ...slackFaults(request),
    ...faultsWith(request, check => {
      check(/^https:\/\/slack\.com\/api\/chat\.(postMessage|update)$/.test(request.url), 'method');
      check(/^[CGD][A-Z0-9]+$/.test(String(body['channel'])), 'channel');
      check(isEdit === (body['ts'] !== undefined), 'ts');
      check(String(request.headers['authorization']).startsWith('Bearer '), 'token');
    }),
  ];
}

export function pagerDutyFaults(request: HttpRequest): readonly string[] {
  const { body } = request;
  return faultsWith(request, check => {
    check(['trigger', 'acknowledge', 'resolve'].includes(String(body['event_action'])), 'event_action');
    check(typeof body['routing_key'] === 'string', 'routing_key');
    check(Buffer.byteLength(String(body['dedup_key'])) <= 255, 'dedup_key');
    check(Buffer.byteLength(JSON.stringify(body)) <= 512_000, 'body');
    for (const each of list(body['links'])) check(isUrl(each['href'], 4_000), 'link');
    if (body['event_action'] !== 'trigger') return;
    const payload = loose(body['payload']);
    check(length(payload['summary']) > 0 && length(payload['summary']) <= 1_024, 'summary');
    check(length(payload['source']) > 0, 'source');
    check(['critical', 'error', 'warning', 'info'].includes(String(payload['severity'])), 'severity');
    check(!Number.isNaN(Date.parse(String(payload['timestamp']))), 'timestamp');
    check(typeof payload['custom_details'] === 'object', 'custom_details');
  });
}

export function telegramFaults(request: HttpRequest): readonly string[] {
  const { body } = request;
  return faultsWith(request, check => {
    check(/\/bot[^/]+\/(sendMessage|editMessageText)$/.test(request.url), 'method');
    check(length(body['text']) >= 1 && length(body['text']) <= 4_096, 'text');
    check(body['parse_mode'] === 'HTML' && isTelegramHtml(String(body['text'])), 'HTML');
    const rows = (loose(body['reply_markup'])['inline_keyboard'] ?? []) as readonly (readonly Loose[])[];
    check(rows.flat().length <= 100, '100 buttons');
    for (const button of rows.flat()) {
      check(length(button['text']) >= 1, 'button text');
      check((button['url'] === undefined) !== (button['callback_data'] === undefined), 'one purpose of a button');
      check(button['callback_data'] === undefined || Buffer.byteLength(String(button['callback_data'])) <= 64, 'callback data');
      check(button['url'] === undefined || isUrl(button['url'], 2_048), 'button url');
    }
  });
}

/** Telegram refuses the whole message when a tag is open, unknown or crossed, or a bare `<`, `>` or `&` stands in it. */
export function isTelegramHtml(html: string): boolean {
  const open: string[] = [];
  for (const [, close, tag] of html.matchAll(/<(\/?)([a-z]+)>/g)) {
    if (!['b', 'i', 'u', 's', 'code', 'pre'].includes(tag!)) return false;
    if (close === '') open.push(tag!);
    else if (open.pop() !== tag) return false;
  }
  const bare = html.replace(/<\/?[a-z]+>/g, '').replace(/&(?:amp|lt|gt);/g, '');
  return open.length === 0 && !/[<>&]/.test(bare);
}

export function discordFaults(request: HttpRequest): readonly string[] {
  const { body } = request;
  return faultsWith(request, check => {
    check(JSON.stringify(body['allowed_mentions']) === '{"parse":[]}', 'mentions');
    check(length(body['content']) <= 2_000, 'content');
    const embeds = list(body['embeds']);
    check(embeds.length === 1, 'one embed');
    const sum = embeds.reduce((total, embed) => {
      const fields = list(embed['fields']);
      const footer = loose(embed['footer'])['text'];
      check(length(embed['title']) >= 1 && length(embed['title']) <= 256, 'title');
      check(length(embed['description']) <= 4_096, 'description');
      check(fields.length <= 25, '25 fields');
      for (const field of fields) {
        check(length(field['name']) >= 1 && length(field['name']) <= 256, 'field name');
        check(length(field['value']) >= 1 && length(field['value']) <= 1_024, 'field value');
      }
      check(length(footer) <= 2_048, 'footer');
      const parts = [embed['title'], embed['description'], footer, ...fields.flatMap(field => [field['name'], field['value']])];
      return total + parts.reduce<number>((all, part) => all + Math.max(0, length(part)), 0);
    }, 0);
    check(sum <= 6_000, '6,000 characters');
  });
}

export function teamsFaults(request: HttpRequest): readonly string[] {
  const { body } = request;
  const { contentUrl: _, ...attachment } = list(body['attachments'])[0] ?? {};
  return faultsWith({ ...request, body: attachment }, check => {
    check(Buffer.byteLength(JSON.stringify(body)) <= 28_000, '28 KB');
    const card = loose(attachment['content']);
    check(card['type'] === 'AdaptiveCard' && card['version'] === '1.4', 'card');
    check(list(card['actions']).length <= 6, 'six actions');
    const text = JSON.stringify(card);
    check(!text.includes('"TextBlock"') && !text.includes('"FactSet"'), 'text that reads Markdown');
  });
}

export function webhookFaults(request: HttpRequest): readonly string[] {
  return faultsWith(request, check => {
    check(/^v1=(\*\*\*|[0-9a-f]{64})$/.test(request.headers['x-nightdesk-signature'] ?? ''), 'signature');
    check(/^\d{10}$/.test(request.headers['x-nightdesk-timestamp'] ?? ''), 'timestamp');
    check(Buffer.byteLength(JSON.stringify(request.body)) <= 256_000, 'size');
  });
}

function snsFaults({ body }: HttpRequest, check: Check): void {
  check(/^arn:aws:sns:[^:]+:[^:]+:.+$/.test(String(body['TopicArn'])), 'topic');
  check(Buffer.byteLength(String(body['Message'])) <= 262_144, 'message of 256 KiB');
  check(body['Subject'] === undefined || /^[\x21-\x7E][\x20-\x7E]{0,98}$/.test(String(body['Subject'])), 'subject');
}

export const emailFaults = (request: HttpRequest): readonly string[] =>
  faultsWith(request, check => {
    snsFaults(request, check);
    check(request.body['Subject'] !== undefined, 'a subject');
  });

export const amazonQFaults = (request: HttpRequest): readonly string[] =>
  faultsWith(request, check => {
    snsFaults(request, check);
    const message = loose(JSON.parse(String(request.body['Message'])));
    const content = loose(message['content']);
    check(message['version'] === '1.0' && message['source'] === 'custom', 'schema');
    check(content['textType'] === 'client-markdown', 'text type');
    check(length(content['title']) >= 1 && length(content['title']) <= 300, 'title');
    check(length(content['description']) >= 1 && length(content['description']) <= 3_000, 'description');
    check(length(loose(message['metadata'])['threadId']) >= 1, 'thread');
  });

/** By kind; a new kind without limits does not compile. */
export const faultsByKind: Readonly<Record<ChannelConfig['kind'], (request: HttpRequest) => readonly string[]>> = {
  slack: slackFaults,
  slackApp: slackAppFaults,
  pagerduty: pagerDutyFaults,
  telegram: telegramFaults,
  email: emailFaults,
  discord: discordFaults,
  teams: teamsFaults,
  webhook: webhookFaults,
  amazonQ: amazonQFaults,
};

/** Every text of a value must say something: `null`, `undefined`, `NaN` and `[object Object]` are bugs that readers see. */
function emptyWords(value: unknown): readonly string[] {
  if (value === null || value === undefined) return [`${String(value)} value`];
  if (typeof value === 'string') return /\b(?:null|undefined|NaN)\b|\[object Object\]/.test(value) ? [`says: ${value.slice(0, 80)}`] : [];
  if (typeof value !== 'object') return [];
  return Object.values(value).flatMap(emptyWords);
}
