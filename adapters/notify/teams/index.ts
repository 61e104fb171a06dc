/**
 * Microsoft Teams over a webhook of its Workflows app: an Adaptive Card per message, no edits. All text stands in text runs, which know no
 * Markdown. The whole stays under 28 KB (https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors, read 2026-11).
 */
import type { ChannelConfig } from '../../../core/config/types.ts';
import type { Fact, Page } from '../../../core/incidents/page.ts';
import { clip } from '../../../core/incidents/plain-text.ts';
import type { ChannelKind } from '../channel.ts';
import { judgeStatus } from '../judge.ts';
import { allLinks, isWorthAMessage, type Section, sectionsOf } from '../text.ts';

type Json = Readonly<Record<string, unknown>>;

/** Below 28 KB with a margin: Workflows wraps the card once more. */
const BYTE_LIMIT = 20_000;

export const teams: ChannelKind<Extract<ChannelConfig, { readonly kind: 'teams' }>> = {
  secretsOf: ({ webhook }) => ({ webhook }),
  masked: { webhook: 'https://teams.example/***' },
  render: ({ page, secrets }) =>
    isWorthAMessage(page)
      ? { url: secrets['webhook']!, headers: { 'content-type': 'application/json' }, body: teamsBody(page) }
      : undefined,
  // 202 from Workflows; the older connectors answer 200 with a text that names a failure.
  judge: answer =>
    answer.status === 200 && /HTTP error 429/.test(answer.body)
      ? { ok: false, retry: 'later', kind: 'rate', detail: 'Teams says 429' }
      : judgeStatus(answer),
};

function teamsBody(page: Page): Json {
  const body: Json[] = [title(page)];
  for (const block of sectionsOf(page).flatMap(blocksOf)) {
    if (bytesOf([...body, block]) > BYTE_LIMIT) {
      body.push(run([{ text: 'More is in Nightdesk.' }]));
      break;
    }
    body.push(block);
  }
  body.push(run([{ text: `Nightdesk · ${page.shownKey}`, isSubtle: true, size: 'Small' }]));
  const actions = allLinks(page)
    .slice(0, 5)
    .map(({ text, url }) => ({ type: 'Action.OpenUrl', title: clip(text, 80), url }));
  return {
    type: 'message',
    attachments: [
      {
        contentType: 'application/vnd.microsoft.card.adaptive',
        contentUrl: null,
        content: {
          $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
          type: 'AdaptiveCard',
          version: '1.4',
          fallbackText: clip(page.headline, 300),
          msteams: { width: 'Full' },
          body,
          ...(actions.length === 0 ? {} : { actions }),
        },
      },
    ],
  };
}

const bytesOf = (value: unknown): number => new TextEncoder().encode(JSON.stringify(value)).length;

const tones = { critical: 'attention', warning: 'warning', info: 'accent' } as const;

function title(page: Page): Json {
  const isNews = page.duty === 'acknowledge' || page.duty === 'update';
  return {
    type: 'Container',
    style: page.duty === 'resolve' ? 'good' : tones[page.severity],
    bleed: true,
    items: [
      run([{ text: clip(page.headline, 300), weight: 'Bolder', size: 'Medium' }]),
      ...(isNews && page.news !== undefined ? [run([{ text: page.news }])] : []),
    ],
  };
}

const run = (inlines: readonly Json[]): Json => ({ type: 'RichTextBlock', inlines: inlines.map(each => ({ type: 'TextRun', ...each })) });

function blocksOf(section: Section): readonly Json[] {
  switch (section.kind) {
    case 'text':
      return [run([...(section.label === undefined ? [] : [{ text: `${section.label}: `, weight: 'Bolder' }]), { text: section.text }])];
    case 'facts':
      return [...(section.label === undefined ? [] : [run([{ text: section.label, weight: 'Bolder' }])]), ...section.facts.map(factLine)];
    case 'verbatim':
      return [run([{ text: section.label, weight: 'Bolder' }]), run([{ text: clip(section.text, 1_500), fontType: 'Monospace' }])];
  }
}

const factLine = ({ label, value }: Fact): Json => run([{ text: `${clip(label, 100)}: `, isSubtle: true }, { text: clip(value, 500) }]);
