/** The published limits of the channels, checked on a finished request. Returns what is wrong with it. */
import type { HttpRequest } from '../../adapters/notify/channel.ts';

type Loose = Readonly<Record<string, unknown>>;

export function slackFaults({ body }: HttpRequest): readonly string[] {
  const faults: string[] = [];
  const check = (holds: boolean, fault: string) => {
    if (!holds) faults.push(fault);
  };
  check(typeof body['text'] === 'string' && body['text'].length > 0 && body['text'].length <= 4_000, 'text');
  const attachments = body['attachments'] as readonly Loose[];
  const blocks = attachments.flatMap(attachment => attachment['blocks'] as readonly Loose[]);
  check(blocks.length <= 50, '50 blocks');
  check(JSON.stringify(blocks).length <= 13_000, 'sum of blocks');
  for (const block of blocks) {
    const text = block['text'] as { text: string } | undefined;
    const fields = (block['fields'] ?? []) as readonly { text: string }[];
    if (block['type'] === 'section') {
      check(text === undefined || (text.text.length >= 1 && text.text.length <= 3_000), 'section text');
      check(text !== undefined || fields.length > 0, 'section without text and fields');
      check(fields.length <= 10 && fields.every(field => field.text.length >= 1 && field.text.length <= 2_000), 'fields');
    }
    if (block['type'] === 'context') {
      const elements = block['elements'] as readonly { text: string }[];
      check(elements.length <= 10 && elements.every(element => element.text.length <= 3_000), 'context');
    }
    if (block['type'] === 'actions') {
      const elements = block['elements'] as readonly { text: { text: string }; url: string; action_id: string }[];
      check(elements.length >= 1 && elements.length <= 25, 'actions');
      check(
        elements.every(({ text: label, url, action_id }) => label.text.length <= 75 && url.length <= 3_000 && action_id.length <= 255),
        'button',
      );
    }
  }
  return [...faults, ...emptyWords(body)];
}

export function pagerDutyFaults({ body }: HttpRequest): readonly string[] {
  const faults: string[] = [];
  const check = (holds: boolean, fault: string) => {
    if (!holds) faults.push(fault);
  };
  check(['trigger', 'acknowledge', 'resolve'].includes(String(body['event_action'])), 'event_action');
  check(typeof body['routing_key'] === 'string', 'routing_key');
  check(Buffer.byteLength(String(body['dedup_key'])) <= 255, 'dedup_key');
  check(Buffer.byteLength(JSON.stringify(body)) <= 512_000, 'body');
  if (body['event_action'] === 'trigger') {
    const payload = body['payload'] as Loose;
    check(typeof payload['summary'] === 'string' && payload['summary'].length > 0 && payload['summary'].length <= 1_024, 'summary');
    check(typeof payload['source'] === 'string' && payload['source'].length > 0, 'source');
    check(['critical', 'error', 'warning', 'info'].includes(String(payload['severity'])), 'severity');
    check(!Number.isNaN(Date.parse(String(payload['timestamp']))), 'timestamp');
    check(typeof payload['custom_details'] === 'object', 'custom_details');
  }
  return [...faults, ...emptyWords(body)];
}

/** Every text of a value must say something: `null`, `undefined`, `NaN` and `[object Object]` are bugs that readers see. */
function emptyWords(value: unknown): readonly string[] {
  if (value === null || value === undefined) return [`${String(value)} value`];
  if (typeof value === 'string') return /\b(?:null|undefined|NaN)\b|\[object Object\]/.test(value) ? [`says: ${value.slice(0, 80)}`] : [];
  if (typeof value !== 'object') return [];
  return Object.values(value).flatMap(emptyWords);
}
