/**
 * A page as a Slack message: the headline as text (push notifications and screen readers read it), then one coloured attachment.
 * Limits kept (https://docs.slack.dev/reference/block-kit/blocks): 50 blocks, section text 3,000, field 2,000 and ten of them, button text 75,
 * button url 3,000, five buttons here; the blocks together stay under 12,000 characters.
 */
import type { Severity } from '../../../core/config/types.ts';
import type { Fact, Page } from '../../../core/incidents/page.ts';
import { code, codeBlock, escaped } from './escape.ts';

type Block = Readonly<Record<string, unknown>>;

const colours: Readonly<Record<Severity | 'resolved', string>> = {
  critical: '#d0021b',
  warning: '#f5a623',
  info: '#4a90d9',
  resolved: '#2eb67d',
};

export function slackBody(page: Page): Readonly<Record<string, unknown>> {
  const headline = escaped(page.headline, 900);
  return {
    text: headline,
    mrkdwn: false,
    unfurl_links: false,
    unfurl_media: false,
    attachments: [
      {
        color: colours[page.duty === 'resolve' ? 'resolved' : page.severity],
        fallback: headline,
        blocks: blocksOf(page),
      },
    ],
  };
}

function blocksOf(page: Page): readonly Block[] {
  const sentence = page.sentence === undefined ? [] : [plainSection(page.sentence)];
  const money =
    page.duty === 'trigger' && page.moneyAtRisk.length > 0 ? [section(`*Money at risk*\n${lines(page.moneyAtRisk, 2_800)}`)] : [];
  return [
    ...sentence,
    ...money,
    ...(page.firstAction === undefined || page.duty === 'resolve' ? [] : [plainSection(`First action: ${page.firstAction}`)]),
    ...(page.facts.length === 0 ? [] : [{ type: 'section', fields: page.facts.slice(0, 10).map(field) }]),
    ...(page.raw === undefined ? [] : [section(`*Message as received*\n${codeBlock(page.raw, 2_900)}`)]),
    ...(page.reason === undefined ? [] : [section(`*Reason*\n${codeBlock(page.reason, 1_500)}`)]),
    ...buttons(page),
    { type: 'context', elements: [{ type: 'mrkdwn', text: `Nightdesk · ${code(page.key, 600)}`, verbatim: true }] },
  ];
}

const section = (text: string): Block => ({ type: 'section', text: { type: 'mrkdwn', text, verbatim: true } });

/** Plain text neither formats nor links; its entities are decoded like everywhere. */
const plainSection = (text: string): Block => ({ type: 'section', text: { type: 'plain_text', text: escaped(text, 2_000), emoji: false } });

const field = ({ label, value }: Fact): Block => ({
  type: 'mrkdwn',
  text: `*${escaped(label, 200)}*\n${code(value, 700)}`,
  verbatim: true,
});

function lines(facts: readonly Fact[], max: number): string {
  const each = Math.floor(max / facts.length) - 10;
  return facts.map(({ label, value }) => `${escaped(label, 100)}: ${code(value, Math.max(80, each - label.length))}`).join('\n');
}

function buttons(page: Page): readonly Block[] {
  const links = [...(page.runbook === undefined ? [] : [page.runbook]), ...page.links].slice(0, 5);
  if (links.length === 0) return [];
  const elements = links.map(({ text, url }, index) => ({
    type: 'button',
    action_id: `open-${index}`,
    text: { type: 'plain_text', text: escaped(text, 75), emoji: false },
    url,
  }));
  return [{ type: 'actions', elements }];
}
