/**
 * AWS Query: forms in, XML out (SNS from every SDK, CloudWatch from the AWS CLI). Lists are `Name.member.N` or `Name.entry.N`,
 * maps `Name.entry.N.key` and `.value`; structures nest with dots.
 */
import { isTimeName } from './cbor.ts';
import type { AwsError } from './errors.ts';
import type { Input } from './service.ts';

interface Decoded {
  readonly action: string;
  readonly version: string;
  readonly input: Input;
}

type Node = { [name: string]: Node | string };

export function decodeQuery(form: string): Decoded {
  const root: Node = {};
  for (const [name, value] of new URLSearchParams(form)) {
    const steps = name.split('.');
    let node = root;
    for (const step of steps.slice(0, -1)) {
      const child = node[step];
      const next = typeof child === 'object' ? child : {};
      node[step] = next;
      node = next;
    }
    node[steps.at(-1)!] = value;
  }
  const { Action: action, Version: version, ...rest } = root;
  return { action: String(action ?? ''), version: String(version ?? ''), input: plain(rest) as Input };
}

const isNumbered = (node: Node) => Object.keys(node).length > 0 && Object.keys(node).every(name => /^\d+$/.test(name));

/** Numbered nodes become lists, key and value pairs maps. */
function plain(node: Node | string): unknown {
  if (typeof node === 'string') return node;
  const inner = node['member'] ?? node['entry'];
  if (typeof inner === 'object' && Object.keys(node).length === 1) return plain(inner);
  if (!isNumbered(node)) return Object.fromEntries(Object.entries(node).map(([name, child]) => [name, plain(child)]));
  const items = Object.keys(node)
    .sort((a, b) => Number(a) - Number(b))
    .map(name => node[name]!);
  const isMap = items.every(item => typeof item === 'object' && 'key' in item && 'value' in item);
  if (!isMap) return items.map(plain);
  return Object.fromEntries(items.map(item => [String((item as Node)['key']), plain((item as Node)['value']!)]));
}

const escaped = (text: string) => text.replace(/[&<>"]/g, found => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[found]!);

/** Times are ISO 8601 in XML. */
const scalar = (value: unknown, isTime: boolean): string =>
  isTime && typeof value === 'number' ? new Date(value * 1_000).toISOString() : escaped(String(value));

function xml(value: unknown, isTime = false): string {
  if (value === undefined || value === null) return '';
  if (Array.isArray(value)) return value.map(item => `<member>${xml(item, isTime)}</member>`).join('');
  if (typeof value === 'object') {
    return Object.entries(value)
      .map(([name, child]) =>
        child === undefined ? '' : `<${name}>${name === 'Attributes' ? entries(child) : xml(child, isTimeName(name))}</${name}>`,
      )
      .join('');
  }
  return scalar(value, isTime);
}

function entries(map: object): string {
  return Object.entries(map)
    .map(([key, value]) => `<entry><key>${escaped(key)}</key><value>${xml(value)}</value></entry>`)
    .join('');
}

const requestId = '00000000-0000-4000-8000-000000000000';

export function encodeQueryResult(action: string, version: string, output: unknown): string {
  const result = `<${action}Result>${xml(output)}</${action}Result>`;
  return `<${action}Response xmlns="http://local/${version}/">${result}<ResponseMetadata><RequestId>${requestId}</RequestId></ResponseMetadata></${action}Response>`;
}

export function encodeQueryError(error: AwsError): string {
  const side = error.status < 500 ? 'Sender' : 'Receiver';
  return `<ErrorResponse><Error><Type>${side}</Type><Code>${escaped(error.code)}</Code><Message>${escaped(error.message)}</Message></Error><RequestId>${requestId}</RequestId></ErrorResponse>`;
}
