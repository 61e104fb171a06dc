/**
 * Amazon Q Developer in chat applications (once AWS Chatbot), through an SNS topic that its channel configuration names: a custom
 * notification, threaded by the incident's key. It cannot edit. Anything but this schema is dropped without a word, so the shape matters.
 * Source: https://docs.aws.amazon.com/chatbot/latest/adminguide/custom-notifs.html, read 2026-11.
 */
import type { ChannelConfig } from '../../../core/config/types.ts';
import { fingerprint } from '../../../core/incidents/key.ts';
import type { Page } from '../../../core/incidents/page.ts';
import type { ChannelKind } from '../channel.ts';
import { judgeStatus } from '../judge.ts';
import { code, escaped } from '../slack/escape.ts';
import { snsRequest } from '../sns.ts';
import { allLinks, isWorthAMessage, linesWithin, type Section, sectionsOf } from '../text.ts';

export const amazonQ: ChannelKind<Extract<ChannelConfig, { readonly kind: 'amazonQ' }>> = {
  secretsOf: () => ({}),
  transport: 'sns',
  render: ({ page, config }) => (isWorthAMessage(page) ? snsRequest(config.topicArn, JSON.stringify(notificationOf(page))) : undefined),
  judge: answer => judgeStatus(answer),
};

const icons = { critical: ':rotating_light:', warning: ':warning:', info: ':information_source:' } as const;

/** Its limits are not published; these stay within what Slack and Teams take of one message. */
const TITLE = 250;
const DESCRIPTION = 3_000;

function notificationOf(page: Page): Readonly<Record<string, unknown>> {
  const icon = page.duty === 'resolve' ? ':large_green_circle:' : icons[page.severity];
  const isNews = page.duty === 'acknowledge' || page.duty === 'update';
  const lines = [...(isNews && page.news !== undefined ? [code(page.news, 400)] : []), ...sectionsOf(page).flatMap(linesOf)];
  const isOver = page.duty === 'resolve';
  return {
    version: '1.0',
    source: 'custom',
    id: fingerprint(`${page.key} ${page.duty} ${page.atMs} ${page.news ?? ''}`),
    content: {
      textType: 'client-markdown',
      title: `${icon} ${escaped(page.headline.replace(/[*_~`]/g, ' '), TITLE)}`,
      description: linesWithin([...lines, ...allLinks(page).map(({ text, url }) => `<${url}|${escaped(text, 80)}>`)], DESCRIPTION),
      ...(page.firstAction === undefined || isOver ? {} : { nextSteps: [code(page.firstAction, 600)] }),
      keywords: ['Nightdesk', page.severity],
    },
    metadata: {
      threadId: page.key,
      summary: escaped(page.headline, TITLE),
      eventType: `nightdesk-${page.duty}`,
      additionalContext: { incidentKey: page.shownKey, severity: page.severity },
    },
  };
}

function linesOf(section: Section): readonly string[] {
  switch (section.kind) {
    case 'text':
      return [`${section.label === undefined ? '' : `*${section.label}:* `}${code(section.text, 700)}`];
    case 'facts':
      return [
        ...(section.label === undefined ? [] : [`*${section.label}*`]),
        ...section.facts.map(({ label, value }) => `${escaped(label.replace(/[*_~`]/g, ' '), 120)}: ${code(value, 250)}`),
      ];
    case 'verbatim':
      return [`*${section.label}*`, code(section.text.replaceAll('\n', ' ⏎ '), 500)];
  }
}
