/**
 * A page in Telegram's HTML. `&`, `<` and `>` are escaped; text of strangers stands in `<code>`, where Telegram makes no links, mentions,
 * commands or hashtags of it. Limits: 4,096 characters after parsing (kept here for the text with its tags), callback data 64 bytes.
 */
import type { Page } from '../../../core/incidents/page.ts';
import { allLinks, fitted, linesWithin, type Section, sectionsOf } from '../text.ts';
import { callbackData } from './callback.ts';

const TEXT_LIMIT = 4_096;
/** Kept for the last line, which names the incident's key. */
const KEY_ROOM = 400;

const escapes: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

/** Word joiners keep Telegram from seeing addresses, names, tags and commands in running text; a reader does not see them. */
const joined = (text: string) => text.replace(/([@#/:.])(?=\S)/g, '$1\u2060');

export const telegramText = (text: string, max: number): string => fitted(joined(text), max, point => escapes[point] ?? point);
const code = (text: string, max: number): string => `<code>${fitted(text, max, point => escapes[point] ?? point)}</code>`;

const icons = { critical: '🔴', warning: '🟠', info: '🔵' } as const;

export function telegramBody(page: Page, { hasButtons }: { readonly hasButtons: boolean }): Readonly<Record<string, unknown>> {
  const icon = page.duty === 'resolve' ? '🟢' : icons[page.severity];
  const text = linesWithin(
    [`${icon} <b>${telegramText(page.headline, 1_000)}</b>`, ...sectionsOf(page).flatMap(linesOf)],
    TEXT_LIMIT - KEY_ROOM,
  );
  const keyboard = [...(hasButtons ? buttons(page) : []), ...links(page)];
  return {
    text: `${text}\nNightdesk · ${code(page.shownKey, KEY_ROOM - 40)}`,
    parse_mode: 'HTML',
    link_preview_options: { is_disabled: true },
    ...(keyboard.length === 0 ? {} : { reply_markup: { inline_keyboard: keyboard } }),
  };
}

function linesOf(section: Section): readonly string[] {
  switch (section.kind) {
    case 'text':
      return [`${section.label === undefined ? '' : `<b>${section.label}:</b> `}${telegramText(section.text, 1_200)}`];
    case 'facts':
      return [
        ...(section.label === undefined ? [] : [`<b>${section.label}</b>`]),
        ...section.facts.map(({ label, value }) => `${telegramText(label, 120)}: ${code(value, 400)}`),
      ];
    case 'verbatim':
      return [`<b>${section.label}</b>`, `<pre>${fitted(section.text, 900, point => escapes[point] ?? point)}</pre>`];
  }
}

type Button = Readonly<Record<string, string>>;

function buttons(page: Page): readonly (readonly Button[])[] {
  if (page.incident === undefined || page.duty === 'resolve') return [];
  const act = (text: string, action: Parameters<typeof callbackData>[0]): Button => ({
    text,
    callback_data: callbackData(action, page.key),
  });
  const isTaken = page.duty === 'acknowledge' || page.handling?.startsWith('Acknowledged') === true;
  const signals = page.signals.map(signal => act(signal === 'halt' ? '⛔ Halt…' : 'Reduce only…', signal));
  return [
    [...(isTaken ? [] : [act('Acknowledge', 'acknowledge')]), act('Silence 1 h', 'silence-1h'), act('Silence 4 h', 'silence-4h')],
    ...(signals.length === 0 ? [] : [signals]),
  ];
}

/** Telegram refuses addresses that only this machine knows. */
function links(page: Page): readonly (readonly Button[])[] {
  const found = allLinks(page).filter(({ url }) => !/^https?:\/\/(?:localhost|127\.|\[::1\])/.test(url));
  return found.length === 0 ? [] : [found.slice(0, 4).map(({ text, url }) => ({ text, url }))];
}
