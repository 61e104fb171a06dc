/**
 * A page as a Slack message: the headline as text (push notifications and screen readers read it), then one coloured attachment.
 * Limits kept (https://docs.slack.dev/reference/block-kit/blocks): 50 blocks, section text 3,000, field 2,000 and ten of them, button text 75,
 * button url 3,000, value 2,000, five buttons in a row here; the blocks together stay under 12,000 characters.
 */
import type { Fact, Page } from '../../../core/incidents/page.ts';
import { isoFromMs } from '../../../core/time/instant.ts';
import { allLinks, colourOf } from '../text.ts';
import { code, codeBlock, escaped } from './escape.ts';

export type Block = Readonly<Record<string, unknown>>;

export interface SlackExtras {
  /** Blocks before the links: buttons and the chart, where the channel has them. */
  readonly before?: readonly Block[];
}

export function slackBody(page: Page, extras: SlackExtras = {}): Readonly<Record<string, unknown>> {
  const headline = escaped(page.headline, 900);
  return {
    text: headline,
    mrkdwn: false,
    unfurl_links: false,
    unfurl_media: false,
    attachments: [{ color: colourOf(page), fallback: headline, blocks: blocksOf(page, extras) }],
  };
}

/** One line of news, as a message of its own: in the thread, or where nothing can be edited. */
export function slackNews(page: Page): Readonly<Record<string, unknown>> {
  const text = escaped(`${page.headline}: ${page.news ?? page.duty}`, 1_500);
  return {
    text,
    mrkdwn: false,
    unfurl_links: false,
    unfurl_media: false,
    attachments: [{ color: colourOf(page), fallback: text, blocks: [...links(page), footer(page)] }],
  };
}

/** Sum over all blocks, below what Slack refuses as `msg_blocks_too_long` (measured near 13,200). */
const SUM_LIMIT = 12_000;

/** All of the page, or what fits: the source's own words go first, then the facts beyond the first six, then the message as received. */
function blocksOf(page: Page, extras: SlackExtras): readonly Block[] {
  const { reason: _, ...brief } = page;
  const briefer = { ...brief, facts: page.facts.slice(0, 6) };
  const { raw: __, ...briefest } = { ...briefer, facts: page.facts.slice(0, 3), measures: page.measures.slice(-1) };
  const tries = [page, brief, briefer].map(each => allBlocksOf(each, extras));
  return tries.find(blocks => JSON.stringify(blocks).length <= SUM_LIMIT) ?? allBlocksOf(briefest, extras);
}

function allBlocksOf(page: Page, { before = [] }: SlackExtras): readonly Block[] {
  const isOver = page.duty === 'resolve';
  return [
    ...(page.handling === undefined ? [] : [plainSection(page.handling)]),
    ...(page.sentence === undefined ? [] : [plainSection(page.sentence)]),
    ...page.measures.map(({ label, value }) => plainSection(`${label}: ${value}`, 700)),
    ...(isOver || page.moneyAtRisk.length === 0 ? [] : [section(`*Money at risk*\n${lines(page.moneyAtRisk, 2_800)}`)]),
    ...(page.firstAction === undefined || isOver ? [] : [plainSection(`First action: ${page.firstAction}`)]),
    ...(page.facts.length === 0 ? [] : [{ type: 'section', fields: page.facts.slice(0, 10).map(fact => field(fact, page)) }]),
    ...(page.raw === undefined ? [] : [section(`*Message as received*\n${codeBlock(page.raw, 2_900)}`)]),
    ...(page.reason === undefined ? [] : [section(`*Reason*\n${codeBlock(page.reason, 1_500)}`)]),
    ...before,
    ...links(page),
    footer(page),
  ];
}

const footer = (page: Page): Block => ({
  type: 'context',
  elements: [{ type: 'mrkdwn', text: `Nightdesk · ${code(page.shownKey, 600)}`, verbatim: true }],
});

const section = (text: string): Block => ({ type: 'section', text: { type: 'mrkdwn', text, verbatim: true } });

/** Plain text neither formats nor links; its entities are decoded like everywhere. */
const plainSection = (text: string, max = 2_000): Block => ({
  type: 'section',
  text: { type: 'plain_text', text: escaped(text, max), emoji: false },
});

const field = ({ label, value }: Fact, page: Page): Block => ({
  type: 'mrkdwn',
  text: `*${escaped(label, 200)}*\n${label === 'Since' ? `${readersTime(page.sinceMs)} (${isoFromMs(page.sinceMs).slice(11, 19)} UTC)` : code(value, 700)}`,
  verbatim: true,
});

/** Slack shows it in each reader's own zone. */
const readersTime = (ms: number): string =>
  `<!date^${Math.floor(ms / 1000)}^{date_short_pretty} {time_secs}|${isoFromMs(ms).slice(0, 19)}Z>`;

function lines(facts: readonly Fact[], max: number): string {
  const each = Math.floor(max / facts.length) - 10;
  return facts.map(({ label, value }) => `${escaped(label, 100)}: ${code(value, Math.max(80, each - label.length))}`).join('\n');
}

function links(page: Page): readonly Block[] {
  const found = allLinks(page);
  if (found.length === 0) return [];
  const elements = found.slice(0, 5).map(({ text, url }, index) => ({
    type: 'button',
    action_id: `open-${index}`,
    text: { type: 'plain_text', text: escaped(text, 75), emoji: false },
    url,
  }));
  return [{ type: 'actions', elements }];
}
