import type { Page } from '../../../core/incidents/page.ts';
import { isoFromMs } from '../../../core/time/instant.ts';
import { allLinks, colourNumber, fitted, linesWithin, type Section, sectionsOf } from '../text.ts';

/** Every ASCII mark escaped: no formatting, no link, no mention; a backslash before a mark is not shown. */
export const discordText = (text: string, max: number): string =>
  fitted(text, max, point => (/[!-/:-@[-`{-~]/.test(point) ? `\\${point}` : point));

/** Code spans format nothing; back-ticks would end them. */
const code = (text: string, max: number): string => `\`${fitted(text.replaceAll('`', "'"), max - 2, point => point)}\``;
const codeBlock = (text: string, max: number): string => `\`\`\`\n${fitted(text.replaceAll('`', "'"), max - 8, point => point)}\n\`\`\``;

/** Of 6,000 characters in one message. */
const DESCRIPTION = 3_900;
const TITLE = 256;

export function discordBody(page: Page): Readonly<Record<string, unknown>> {
  const links = allLinks(page).map(({ text, url }) => `[${discordText(text, 80)}](<${url}>)`);
  const description = linesWithin([...sectionsOf(page).flatMap(linesOf)], DESCRIPTION);
  return {
    content: '',
    // What strangers write can never ping.
    allowed_mentions: { parse: [] },
    embeds: [
      {
        title: discordText(page.headline, TITLE),
        description,
        color: colourNumber(page),
        timestamp: isoFromMs(page.atMs),
        ...(links.length === 0 ? {} : { fields: [{ name: 'Open', value: linksWithin(links) }] }),
        footer: { text: `Nightdesk · ${fitted(page.shownKey, 300, point => point)}` },
      },
    ],
  };
}

/** A field's value takes 1,024 characters; a link is never cut in two. */
function linksWithin(links: readonly string[]): string {
  const kept = links.filter((_, index) => links.slice(0, index + 1).join(' · ').length <= 1_024);
  return kept.length === 0 ? 'The addresses are too long for this channel.' : kept.join(' · ');
}

function linesOf(section: Section): readonly string[] {
  switch (section.kind) {
    case 'text':
      return [`${section.label === undefined ? '' : `**${section.label}:** `}${discordText(section.text, 1_200)}`];
    case 'facts':
      return [
        ...(section.label === undefined ? [] : [`**${section.label}**`]),
        ...section.facts.map(({ label, value }) => `${discordText(label, 120)}: ${code(value, 300)}`),
      ];
    case 'verbatim':
      return [`**${section.label}**`, codeBlock(section.text, 800)];
  }
}
