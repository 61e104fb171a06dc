import type { Page } from '../../../core/incidents/page.ts';
import { clip } from '../../../core/incidents/plain-text.ts';
import { escaped } from '../slack/escape.ts';
import type { Block } from '../slack/render.ts';

/** What a button asks for; the value of each is the incident's key. */
export const slackActions = {
  acknowledge: 'acknowledge',
  silenceHour: 'silence-1h',
  silenceFourHours: 'silence-4h',
  halt: 'halt',
  reduceOnly: 'reduceOnly',
} as const;

/** Slack's limit of a button's value. */
const VALUE_LIMIT = 2_000;

/** Acknowledge, silence, and what the bot can be told, the latter behind a question. None without a stored incident, none when it is over. */
export function buttons(page: Page): readonly Block[] {
  if (page.incident === undefined || page.duty === 'resolve' || page.key.length > VALUE_LIMIT) return [];
  const isTaken = page.handling?.startsWith('Acknowledged') === true || page.duty === 'acknowledge';
  const silences = [
    button(slackActions.silenceHour, 'Silence 1 h', page.key),
    button(slackActions.silenceFourHours, 'Silence 4 h', page.key),
  ];
  const signals = page.signals.map(signal => ({
    ...button(slackActions[signal], signal === 'halt' ? 'Halt the bot…' : 'Reduce only…', page.key),
    style: 'danger',
    confirm: {
      title: plain(signal === 'halt' ? 'Halt the bot?' : 'Reduce only?', 100),
      text: plain(
        `${page.botId ?? 'The bot'} is told to ${signal === 'halt' ? 'stop trading' : 'open nothing new and only reduce'}. It is not undone from here. You are asked once more.`,
        300,
      ),
      confirm: plain('Go on', 30),
      deny: plain('Cancel', 30),
      style: 'danger',
    },
  }));
  const acknowledge = isTaken ? [] : [{ ...button(slackActions.acknowledge, 'Acknowledge', page.key), style: 'primary' }];
  return [{ type: 'actions', block_id: 'handle', elements: [...acknowledge, ...silences, ...signals] }];
}

const button = (action: string, label: string, value: string) => ({
  type: 'button',
  action_id: action,
  text: plain(label, 75),
  value,
});

const plain = (text: string, max: number) => ({ type: 'plain_text', text: escaped(text, max), emoji: false });

/** An uploaded PNG inside the message. */
export const chartBlock = (page: Page, fileId: string): Block => ({
  type: 'image',
  slack_file: { id: fileId },
  // Not parsed by Slack, and so not escaped: what its other texts would read as markup is left out.
  alt_text: clip(`Chart: ${page.headline.replace(/[<>&]/g, ' ')}`, 1_900),
});
