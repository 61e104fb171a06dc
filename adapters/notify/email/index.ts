/** E-mail by SNS: plain text to whoever confirmed the topic's subscription. Subjects: ASCII, under 100 characters (SNS Publish reference). */
import type { ChannelConfig } from '../../../core/config/types.ts';
import type { Page } from '../../../core/incidents/page.ts';
import type { ChannelKind } from '../channel.ts';
import { judgeStatus } from '../judge.ts';
import { snsRequest } from '../sns.ts';
import { allLinks, isWorthAMessage, type Section, sectionsOf } from '../text.ts';

export const email: ChannelKind<Extract<ChannelConfig, { readonly kind: 'email' }>> = {
  secretsOf: () => ({}),
  transport: 'sns',
  render: ({ page, config }) => (isWorthAMessage(page) ? snsRequest(config.topicArn, emailText(page), subjectOf(page)) : undefined),
  judge: answer => judgeStatus(answer),
};

function subjectOf(page: Page): string {
  const words = page.duty === 'acknowledge' || page.duty === 'update' ? `${page.headline} - ${page.news ?? ''}` : page.headline;
  return words.replace(/[^\x20-\x7E]+/g, '?').slice(0, 99);
}

export function emailText(page: Page): string {
  const news = page.news === undefined || page.duty === 'resolve' ? [] : [page.news, ''];
  const links = allLinks(page).map(({ text, url }) => `${text}: ${url}`);
  return [
    page.headline,
    '',
    ...news,
    ...sectionsOf(page).flatMap(section => [...linesOf(section), '']),
    ...links,
    '',
    `Nightdesk, ${page.shownKey}`,
  ].join('\n');
}

function linesOf(section: Section): readonly string[] {
  switch (section.kind) {
    case 'text':
      return [section.label === undefined ? section.text : `${section.label}: ${section.text}`];
    case 'facts':
      return [
        ...(section.label === undefined ? [] : [`${section.label}:`]),
        ...section.facts.map(({ label, value }) => `  ${label}: ${value}`),
      ];
    case 'verbatim':
      return [`${section.label}:`, ...section.text.split('\n').map(line => `  | ${line}`)];
  }
}
