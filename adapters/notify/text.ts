/** Pieces that several channels share: text that fits after its encoding, and a page as ordered sections. */
import type { Severity } from '../../core/config/types.ts';
import type { Fact, Page } from '../../core/incidents/page.ts';

/** Encoded point by point and cut so that the encoded text fits into `max` characters; no encoded piece is cut in two. */
export function fitted(text: string, max: number, encode: (point: string) => string): string {
  let out = '';
  for (const point of text) {
    const piece = encode(point);
    if (out.length + piece.length > max - 1) return `${out}…`;
    out += piece;
  }
  return out;
}

/** Colours of the severity, and of an incident that is over or in somebody's hands. */
export const colours: Readonly<Record<Severity | 'acknowledged' | 'resolved', string>> = {
  critical: '#d0021b',
  warning: '#f5a623',
  info: '#4a90d9',
  acknowledged: '#6b7a90',
  resolved: '#2eb67d',
};

export function colourOf(page: Page): string {
  if (page.duty === 'resolve') return colours.resolved;
  return page.duty === 'acknowledge' || page.handling?.startsWith('Acknowledged') === true ? colours.acknowledged : colours[page.severity];
}

export const colourNumber = (page: Page): number => Number.parseInt(colourOf(page).slice(1), 16);

/** A part of a page; `verbatim` parts hold several lines of a stranger's text. */
export type Section =
  | { readonly kind: 'text'; readonly label?: string; readonly text: string }
  | { readonly kind: 'facts'; readonly label?: string; readonly facts: readonly Fact[] }
  | { readonly kind: 'verbatim'; readonly label: string; readonly text: string };

/** The first screen in its order: who has it, what it means, the money, what to do first, where and since when, the source's words. */
export function sectionsOf(page: Page): readonly Section[] {
  const isOver = page.duty === 'resolve';
  const money: Section = { kind: 'facts', label: 'Money at risk', facts: page.moneyAtRisk };
  return [
    ...(page.handling === undefined ? [] : [{ kind: 'text' as const, text: page.handling }]),
    ...(page.sentence === undefined ? [] : [{ kind: 'text' as const, text: page.sentence }]),
    ...page.measures.map(({ label, value }) => ({ kind: 'text' as const, label, text: value })),
    ...(page.moneyAtRisk.length === 0 || isOver ? [] : [money]),
    ...(page.firstAction === undefined || isOver ? [] : [{ kind: 'text' as const, label: 'First action', text: page.firstAction }]),
    ...(page.facts.length === 0 ? [] : [{ kind: 'facts' as const, facts: page.facts }]),
    ...(page.raw === undefined ? [] : [{ kind: 'verbatim' as const, label: 'Message as received', text: page.raw }]),
    ...(page.reason === undefined ? [] : [{ kind: 'verbatim' as const, label: 'Reason', text: page.reason }]),
  ];
}

/** Runbook first: it is what a reader needs when the first action was not enough. */
export const allLinks = (page: Page) => [...(page.runbook === undefined ? [] : [page.runbook]), ...page.links];

/** Whether a channel that cannot edit says something: most updates only keep true what is shown, and there nothing is. */
export const isWorthAMessage = (page: Page): boolean => page.duty !== 'update' || page.isNews === true;

/** Lines in order as long as they fit, one character for each line break; what is left out is said. */
export function linesWithin(lines: readonly string[], max: number, more = '…'): string {
  const kept: string[] = [];
  let used = 0;
  for (const line of lines) {
    if (used + line.length + 1 > max - more.length - 1) return [...kept, more].join('\n');
    kept.push(line);
    used += line.length + 1;
  }
  return kept.join('\n');
}
