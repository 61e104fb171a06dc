/** Tables that run over all channels by themselves: a channel that is added to the index is in them. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { HttpRequest } from '../../adapters/notify/channel.ts';
import { bindChannel } from '../../adapters/notify/index.ts';
import type { ChannelConfig } from '../../core/config/types.ts';
import type { Duty } from '../../core/incidents/incident.ts';
import type { Signal } from '../../core/incidents/signal.ts';
import { everyChannel } from './every-channel.ts';
import { faultsByKind, isTelegramHtml } from './limits.ts';
import { page } from './pages.ts';

const duties: readonly Duty[] = ['trigger', 'update', 'acknowledge', 'resolve'];
const reference = { channel: 'C0123456789', ts: '1700000000.000100', file: 'F1', messageId: '77', chatId: '-1001234567890' };

function requestsOf(config: ChannelConfig, changes: Partial<Signal>): readonly HttpRequest[] {
  const channel = bindChannel(config);
  const bot = { id: 'bot-1', signals: ['halt', 'reduceOnly'] as const };
  const measure = { label: 'Restart', value: changes.reason ?? 'restarted', isNews: true };
  return duties.flatMap(duty =>
    [undefined, reference].flatMap(previous => {
      const request = channel.renderMasked(
        page(duty, changes, {
          news: changes.reason ?? 'news',
          bot,
          measures: Array(4).fill(measure),
        }),
        previous,
      );
      return request === undefined ? [] : [request];
    }),
  );
}

/** What strangers may write in every field that a bot or somebody else's alarm controls. */
const hostile: readonly (readonly [string, string])[] = [
  ['a mention of everybody', '<!channel> <!everyone> @everyone @here <@U0123456789>'],
  ['a link that lies', '<https://evil.example|click here> [click](https://evil.example) https://evil.example/x'],
  ['back-ticks', '```` ` ``` end `code` ~~~'],
  ['marks of Markdown', '*bold* _italic_ ~strike~ # head\n> quote\n- list | table | __init__ ||spoiler||'],
  ['HTML', '<b>bold</b><script>alert(1)</script><img src=x onerror=alert(1)> &lt;b&gt; &amp;'],
  ['control characters', 'a\u0000b\u0007c\u001b[31mred\u001b[0m\u0085\u2028\u2029 d'],
  ['right-to-left marks', 'abc \u202Egnp.exe \u2066x\u2069 \u200Fy'],
  ['zero-width characters', 'se\u200Bcr\u200Det\uFEFF \u2060x'],
  ['half a surrogate', 'x \uD800 y \uDC00'],
  ['emoji', '🚨👩‍👩‍👧‍👦 :rotating_light: :no_such:'],
  ['a command and a tag', '/ack all #hashtag @nightdesk_bot'],
  ['100 kB of ampersands', '&'.repeat(100_000)],
  ['100 kB of angle brackets', '<'.repeat(100_000)],
  ['100 kB of back-ticks', '`'.repeat(100_000)],
  ['100 kB of stars', '*'.repeat(100_000)],
  ['100 kB of lines', 'x\n'.repeat(50_000)],
  ['100 kB of wide characters', '漢'.repeat(34_000)],
  ['100 kB of emoji', '🚨'.repeat(25_000)],
  ['format strings', '%s %n {0} {{y}} $(id) `id`'],
];

const everywhere = (text: string): Partial<Signal> => ({
  key: `v1:${text.slice(0, 60)}`,
  alarm: text,
  symptom: text,
  sentence: text,
  reason: text,
  firstAction: text,
  runbook: text,
  row: text,
  unit: text,
  dimensions: { Strategy: text, Venue: text, [text.slice(0, 200)]: text },
  children: [text, text],
  logLines: [text],
});

describe.each(everyChannel)('%s', (kind, config) => {
  const faults = faultsByKind[kind];

  it('tells an opening, an acknowledgement and an end within every limit', () => {
    const requests = requestsOf(config, {});
    expect(requests.length).toBeGreaterThanOrEqual(4);
    expect(requests.flatMap(faults)).toEqual([]);
  });

  it.each(hostile)('shows %s as text, within every limit', (_name, text) => {
    const requests = requestsOf(config, everywhere(text));
    expect([...new Set(requests.flatMap(faults))]).toEqual([]);
    expect([...new Set(requests.flatMap(request => waysOut[kind](request)))]).toEqual([]);
    // The key is an identity where a whole value is nothing else; everything that is read is clean.
    const { key } = everywhere(text);
    const read = requests
      .flatMap(({ body }) => strings('Message' in body ? [opened(body['Message'])] : body))
      .filter(said => !said.endsWith(key ?? ''));
    expect(read.filter(said => hidden.test(said))).toEqual([]);
  });

  it('delivers what was not understood, hostile or not, within every limit', () => {
    for (const [, text] of hostile) expect(requestsOf(config, { raw: text, dimensions: {} }).flatMap(faults)).toEqual([]);
  });

  it('keeps every limit whatever an alarm says', () => {
    const text = fc.string({ unit: 'binary', maxLength: 300 });
    const property = fc.property(text, fc.integer({ min: 0, max: 60 }), fc.double(), (said, dimensions, value) => {
      const many = Object.fromEntries(Array.from({ length: dimensions }, (_, index) => [`D${index}`, said]));
      expect(requestsOf(config, { ...everywhere(said), dimensions: many, value, limit: value }).flatMap(faults)).toEqual([]);
    });
    fc.assert(property, { numRuns: 60, seed: 5 });
  });

  it('masks every secret of a dry run', () => {
    const secrets = Object.keys(bindChannel(config).secrets);
    const [request] = requestsOf(config, {});
    for (const role of secrets) expect(JSON.stringify(request), role).toContain('***');
  });
});

/** Control characters, marks that turn or hide text, half surrogates. */
const hidden = /(?![\n])[\p{Cc}\u2028\u2029\u202A-\u202E\u2066-\u2069\u200B\u200F\uFEFF]|\p{Surrogate}/u;

/** A message inside SNS: JSON for Amazon Q, text for people. */
function opened(message: unknown): unknown {
  try {
    return JSON.parse(String(message));
  } catch {
    return message;
  }
}

const strings = (value: unknown): readonly string[] =>
  typeof value === 'string' ? [value] : typeof value === 'object' && value !== null ? Object.values(value).flatMap(strings) : [];

/** Text outside of code spans and blocks, where a channel formats. */
const outsideCode = (text: string) => text.replace(/```[\s\S]*?```|`[^`\n]*`/g, '');

/** Where a stranger's text would become more than text, by the channel's own reading. */
const waysOut: Readonly<Record<ChannelConfig['kind'], (request: HttpRequest) => readonly string[]>> = {
  slack: slackWaysOut,
  slackApp: slackWaysOut,
  pagerduty: () => [],
  telegram: ({ body }) => {
    const text = String(body['text']);
    const running = text.replace(/<(code|pre)>[\s\S]*?<\/\1>/g, '');
    return [...(isTelegramHtml(text) ? [] : ['broken HTML']), ...(running.match(/https?:\/\/|(?:^|\s)[@#/][A-Za-z]|<script|<img/g) ?? [])];
  },
  email: () => [],
  discord: ({ body }) =>
    strings([body['embeds']])
      .filter(text => !text.startsWith('Nightdesk · '))
      .flatMap(text => outsideCode(text).match(/(?<!\\)<[@#!]|(?<![\\(<])https?:\/\/(?!desk\.example|runbooks\.example)/g) ?? []),
  teams: () => [],
  webhook: () => [],
  amazonQ: ({ body }) => slackTextWaysOut(strings(JSON.parse(String(body['Message'])).content)),
};

function slackWaysOut({ body }: HttpRequest): readonly string[] {
  // A button's value is for our own endpoint alone.
  return slackTextWaysOut(strings(JSON.parse(JSON.stringify(body, (name, value: unknown) => (name === 'value' ? '' : value)))));
}

/** Slack reads what stands between `<` and `>`; only our own dates and links may stand there. */
function slackTextWaysOut(texts: readonly string[]): readonly string[] {
  return texts.flatMap(text => text.match(/<(?!!date\^|https:\/\/(?:desk|runbooks)\.example\.com)[^>]*>?/g) ?? []);
}
