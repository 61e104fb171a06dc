/**
 * Slack's mrkdwn, read into a tree as Slack itself reads it: `*bold*`, `_italic_`, `~strike~`, code, quotes, `<url|text>`,
 * mentions, dates and a few emoji. `&amp; &lt; &gt;` are decoded after the structure is known, so escaped text can never
 * become a link or a mention. Source: Slack's formatting reference (docs.slack.dev, 2026).
 */

export type Mrkdwn =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'bold' | 'italic' | 'strike' | 'quote'; readonly children: readonly Mrkdwn[] }
  | { readonly kind: 'code' | 'pre' | 'mention'; readonly text: string }
  | { readonly kind: 'link'; readonly href: string; readonly text: string }
  | { readonly kind: 'break' };

export const decodeEscapes = (text: string): string => text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');

const emoji: Readonly<Record<string, string>> = {
  rotating_light: '🚨',
  white_check_mark: '✅',
  warning: '⚠️',
  information_source: 'ℹ️',
  red_circle: '🔴',
  large_red_circle: '🔴',
  large_green_circle: '🟢',
  large_yellow_circle: '🟡',
  large_orange_circle: '🟠',
  large_blue_circle: '🔵',
  fire: '🔥',
  bell: '🔔',
  no_bell: '🔕',
  hourglass: '⌛',
  mag: '🔍',
  chart_with_upwards_trend: '📈',
  chart_with_downwards_trend: '📉',
  book: '📖',
  x: '❌',
  eyes: '👀',
};

export const withEmoji = (text: string): string => text.replace(/:([a-z0-9_+-]+):/g, (whole, name: string) => emoji[name] ?? whole);

const rule =
  /```(?<pre>[\s\S]+?)```|`(?<code>[^`\n]+)`|<(?<angle>[^<>\n]+)>|(?<![\w*])\*(?=\S)(?<bold>[^*\n]*[^*\s])\*(?![\w*])|(?<!\w)_(?=\S)(?<italic>[^_\n]*[^_\s])_(?!\w)|(?<!\w)~(?=\S)(?<strike>[^~\n]*[^~\s])~(?!\w)|(?<break>\n)/g;

export function parseMrkdwn(source: string): Mrkdwn[] {
  const quoted = /(?:^(?:&gt;|>) ?.*(?:\n|$))+/gm;
  const out: Mrkdwn[] = [];
  let from = 0;
  for (const match of source.matchAll(quoted)) {
    if (match[0] === '') continue;
    out.push(...inline(source.slice(from, match.index)));
    const text = match[0].replace(/\n$/, '').replace(/^(?:&gt;|>) ?/gm, '');
    out.push({ kind: 'quote', children: inline(text) });
    from = match.index + match[0].length;
  }
  out.push(...inline(source.slice(from)));
  return out;
}

function inline(source: string): Mrkdwn[] {
  const out: Mrkdwn[] = [];
  let from = 0;
  const text = (value: string) => {
    if (value !== '') out.push({ kind: 'text', text: withEmoji(decodeEscapes(value)) });
  };
  for (const match of source.matchAll(rule)) {
    text(source.slice(from, match.index));
    from = match.index + match[0].length;
    out.push(nodeOf(match.groups ?? {}));
  }
  text(source.slice(from));
  return out;
}

function nodeOf(group: Readonly<Record<string, string | undefined>>): Mrkdwn {
  if (group['pre'] !== undefined) return { kind: 'pre', text: decodeEscapes(group['pre'].replace(/^\n|\n$/g, '')) };
  if (group['code'] !== undefined) return { kind: 'code', text: decodeEscapes(group['code']) };
  if (group['bold'] !== undefined) return { kind: 'bold', children: inline(group['bold']) };
  if (group['italic'] !== undefined) return { kind: 'italic', children: inline(group['italic']) };
  if (group['strike'] !== undefined) return { kind: 'strike', children: inline(group['strike']) };
  if (group['angle'] !== undefined) return angle(group['angle']);
  return { kind: 'break' };
}

/** What stands between `<` and `>`: a mention, a date or a link. */
function angle(inside: string): Mrkdwn {
  const [target = '', label] = splitOnce(inside, '|');
  if (target.startsWith('!date^')) return { kind: 'text', text: dateOf(target, label) };
  if (target.startsWith('!')) return { kind: 'mention', text: `@${decodeEscapes(label ?? target.slice(1).split('^')[0] ?? '')}` };
  if (target.startsWith('@')) return { kind: 'mention', text: `@${decodeEscapes(label ?? target.slice(1))}` };
  if (target.startsWith('#')) return { kind: 'mention', text: `#${decodeEscapes(label ?? target.slice(1))}` };
  const href = decodeEscapes(target);
  return { kind: 'link', href, text: decodeEscapes(label ?? href.replace(/^mailto:/, '')) };
}

function splitOnce(text: string, mark: string): readonly [string, string | undefined] {
  const at = text.indexOf(mark);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}

/** Slack shows dates in the reader's zone; here they are shown in UTC, and the fallback when the time cannot be read. */
function dateOf(target: string, fallback: string | undefined): string {
  const [, seconds, format = '{date_num} {time_secs}'] = target.split('^');
  const date = new Date(Number(seconds) * 1000);
  if (seconds === undefined || Number.isNaN(date.getTime())) return decodeEscapes(fallback ?? '');
  const iso = date.toISOString();
  const words = format
    .replace(/\{date[a-z_]*\}/g, iso.slice(0, 10))
    .replace(/\{time_secs\}/g, `${iso.slice(11, 19)} UTC`)
    .replace(/\{time\}/g, `${iso.slice(11, 16)} UTC`)
    .replace(/\{ago\}/g, `${iso.slice(11, 19)} UTC`);
  return decodeEscapes(words);
}
