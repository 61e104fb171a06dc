/** A log line for people: its level, a short form, and all of it on click. */
import { type Child, h } from './dom.ts';

export type Level = 'debug' | 'info' | 'warn' | 'error' | 'critical' | 'none';

const levels: readonly (readonly [RegExp, Level])[] = [
  [/^(critical|fatal|emergency|alert|panic)$/i, 'critical'],
  [/^(error|err|severe)$/i, 'error'],
  [/^(warn|warning)$/i, 'warn'],
  [/^(info|notice|information)$/i, 'info'],
  [/^(debug|trace|verbose)$/i, 'debug'],
];

const pino: Readonly<Record<number, Level>> = { 10: 'debug', 20: 'debug', 30: 'info', 40: 'warn', 50: 'error', 60: 'critical' };

type Bag = Readonly<Record<string, unknown>>;

function asObject(message: string): Bag | undefined {
  if (!message.trimStart().startsWith('{')) return undefined;
  try {
    const value: unknown = JSON.parse(message);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Bag) : undefined;
  } catch {
    return undefined;
  }
}

export function levelOf(message: string): Level {
  const object = asObject(message);
  const said =
    object === undefined
      ? /\b(CRITICAL|FATAL|ERROR|WARN(?:ING)?|INFO|DEBUG|TRACE)\b/.exec(message)?.[1]
      : (object['level'] ?? object['severity']);
  if (typeof said === 'number') return pino[said] ?? 'none';
  if (typeof said !== 'string') return 'none';
  return levels.find(([pattern]) => pattern.test(said))?.[1] ?? 'none';
}

const word = (value: unknown): string =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';

/** What each kind of event says in one line; other objects show their message. */
const summaries: Readonly<Record<string, (event: Bag) => string>> = {
  order: event =>
    join(
      event['orderStatus'] ?? event['execType'] ?? event['status'],
      event['side'],
      event['orderQty'],
      event['instrumentId'],
      at(event['price']),
      event['text'],
    ),
  execution: event =>
    join(
      event['side'],
      event['lastQty'],
      event['instrumentId'],
      at(event['lastPx']),
      event['commission'] === undefined ? '' : `fee ${word(event['commission'])}`,
    ),
  position: event => join(event['instrumentId'], event['qty'] ?? event['quantity'], at(event['avgPx'])),
  account: event => join('equity', event['equity'], event['currency']),
  cash: event => join(event['cashType'] ?? event['kind'], event['amount'], event['currency']),
  marketData: event => join(event['instrumentId'], event['last'] ?? event['mid'] ?? event['price']),
  heartbeat: event => join(event['component'], event['status']),
  error: event => join(event['code'], event['message']),
};

const at = (price: unknown) => (price === undefined ? '' : `@ ${word(price)}`);
const join = (...parts: readonly unknown[]) =>
  parts
    .map(word)
    .filter(part => part !== '')
    .join(' ');

export interface Short {
  /** Kind of event, or of record; empty for plain text. */
  readonly tag: string;
  readonly text: string;
}

export function shortForm(message: string): Short {
  const object = asObject(message);
  if (object === undefined) return { tag: '', text: message };
  const kind = word(object['eventType']);
  const summary = summaries[kind]?.(object) ?? '';
  const said = word(object['message'] ?? object['msg'] ?? object['text']);
  if (kind !== '') return { tag: kind, text: summary || said || message };
  if (object['_aws'] !== undefined) return { tag: 'metrics', text: metricNames(object) };
  return { tag: '', text: said || message };
}

function metricNames(object: Bag): string {
  const skip = new Set(['_aws']);
  return Object.entries(object)
    .filter(([name, value]) => !skip.has(name) && typeof value === 'number')
    .map(([name, value]) => `${name} ${Math.round(Number(value) * 1000) / 1000}`)
    .join(' · ');
}

/** A line that opens into pretty JSON, coloured by kind of token. */
export function drawMessage(message: string): HTMLElement {
  const object = asObject(message);
  const { tag, text } = shortForm(message);
  const summary: Child[] = [tag === '' ? null : h('span', { class: 'log-tag' }, tag), h('span', { class: 'log-text' }, text)];
  if (object === undefined) return h('span', { class: 'log-plain' }, ...summary);
  const body = h('pre', { class: 'json', tabindex: '0' });
  const details = h('details', { class: 'log-json' }, h('summary', {}, ...summary), body);
  details.addEventListener('toggle', () => {
    if (details.open && body.childNodes.length === 0) body.append(...jsonNodes(JSON.stringify(object, null, 2)));
  });
  return details;
}

const token =
  /(?<key>"(?:\\.|[^"\\])*")(?=\s*:)|(?<string>"(?:\\.|[^"\\])*")|(?<number>-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|(?<word>true|false|null)/g;

/** Pretty-printed JSON as text nodes and coloured spans. */
export function jsonNodes(pretty: string): Node[] {
  const out: Node[] = [];
  let from = 0;
  for (const match of pretty.matchAll(token)) {
    out.push(document.createTextNode(pretty.slice(from, match.index)));
    const kind = Object.entries(match.groups ?? {}).find(([, value]) => value !== undefined)?.[0] ?? 'word';
    out.push(h('span', { class: `json-${kind}` }, match[0]));
    from = match.index + match[0].length;
  }
  out.push(document.createTextNode(pretty.slice(from)));
  return out;
}
