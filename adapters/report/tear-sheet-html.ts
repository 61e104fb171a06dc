/** A tear sheet as one page that needs nothing else: no script, no request, dark and light, printable. Every text is escaped. */
import type { Block, Card, ReportDocument, Section } from '../../core/report/document.ts';
import { unreachable } from '../../core/result.ts';
import { escaped } from './escape.ts';
import { barsChart, boxesChart, calendarChart, histogramChart, linesChart, monthTable } from './tear-sheet-charts.ts';

export function tearSheetHtml({ title, subtitle, warnings, sections }: ReportDocument): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escaped(title)} · report</title>
<style>${style}</style>
</head>
<body>
<header><h1>${escaped(title)}</h1><p>${escaped(subtitle)}</p>
${sections.length > 3 ? `<nav aria-label="Sections">${sections.map((section, at) => `<a href="#s${at}">${escaped(section.title)}</a>`).join(' ')}</nav>` : ''}</header>
<main>
${warnings.map(text => `<p class="warn" role="note">${escaped(text)}</p>`).join('\n')}
${sections.map(sectionHtml).join('\n')}
</main>
</body>
</html>
`;
}

const sectionHtml = ({ title, blocks }: Section, at: number): string =>
  `<section id="s${at}"><h2>${escaped(title)}</h2>\n${inPairs(blocks).join('\n')}\n</section>`;

const isSmall = (block: Block): boolean => block.kind === 'histogram' || (block.kind === 'lines' && block.minor === true);

/** Small charts that follow each other stand side by side. */
function inPairs(blocks: readonly Block[]): string[] {
  const out: string[] = [];
  let small: string[] = [];
  const flush = () => {
    if (small.length > 0) out.push(`<div class="pair">${small.join('')}</div>`);
    small = [];
  };
  for (const block of blocks) {
    if (isSmall(block)) small.push(blockHtml(block));
    else {
      flush();
      out.push(blockHtml(block));
    }
  }
  flush();
  return out;
}

function blockHtml(block: Block): string {
  switch (block.kind) {
    case 'cards':
      return `<div class="cards">${block.cards.map(cardHtml).join('')}</div>`;
    case 'table':
      return tableHtml(block);
    case 'text':
      return `<p class="${block.tone === 'warn' ? 'warn' : 'said'}">${escaped(block.text)}</p>`;
    case 'lines':
      return linesChart(block);
    case 'histogram':
      return histogramChart(block);
    case 'bars':
      return barsChart(block);
    case 'boxes':
      return boxesChart(block);
    case 'calendar':
      return calendarChart(block);
    case 'months':
      return monthTable(block);
    default:
      return unreachable(block);
  }
}

const cardHtml = ({ label, value, note, tone = 'plain' }: Card): string =>
  `<div class="card ${tone}"><span>${escaped(label)}</span><b>${escaped(value)}</b>${note === undefined ? '' : `<small>${escaped(note)}</small>`}</div>`;

/** Tables of more rows and few columns stand in two halves where there is room. */
const LONG = 20;

function tableHtml({ title, columns, rows, whenEmpty, note }: Extract<Block, { kind: 'table' }>): string {
  const heading = title === undefined ? '' : `<h3>${escaped(title)}</h3>`;
  if (rows.length === 0) return `${heading}<p class="said">${escaped(whenEmpty)}</p>`;
  const attribute = (at: number) => (columns[at]?.isNumber === true ? ' class="n"' : '');
  const head = columns.map((column, at) => `<th scope="col"${attribute(at)}>${escaped(column.title)}</th>`).join('');
  const rowHtml = (row: readonly string[]) =>
    `<tr>${row.map((cell, at) => (at === 0 ? `<th scope="row">${escaped(cell)}</th>` : `<td${attribute(at)}>${escaped(cell)}</td>`)).join('')}</tr>`;
  const table = (part: readonly (readonly string[])[]) =>
    `<div class="wide" tabindex="0"><table><thead><tr>${head}</tr></thead><tbody>${part.map(rowHtml).join('')}</tbody></table></div>`;
  const half = Math.ceil(rows.length / 2);
  const isLong = rows.length > LONG && columns.length <= 3;
  const whole = isLong ? `<div class="pair">${table(rows.slice(0, half))}${table(rows.slice(half))}</div>` : table(rows);
  return `${heading}${whole}${note === undefined ? '' : `<p class="said">${escaped(note)}</p>`}`;
}

const style = `
:root { color-scheme: light dark; --ink: #1b1f24; --faint: #5d6672; --line: #e2e6eb; --page: #fff; --panel: #f6f8fa; --good: #0b7a63; --bad: #c2401f; --warn: #8a5a00; --first: #0b67b2; --second: #c25e00; --third: #6544c2; }
@media screen and (prefers-color-scheme: dark) { :root { --ink: #e4e7eb; --faint: #9aa4b1; --line: #2b323b; --page: #11151a; --panel: #181d24; --good: #4fd1b0; --bad: #ff8a65; --warn: #f0b35b; --first: #6cb6ff; --second: #f0a747; --third: #b49cf5; } }
@media print { :root { color-scheme: light; } body { print-color-adjust: exact; -webkit-print-color-adjust: exact; } figure, tr, .card { break-inside: avoid; } h2, h3, figcaption { break-after: avoid; } nav { display: none; } .pair { grid-template-columns: 1fr 1fr !important; gap: 0 1rem !important; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--ink); font: 14.5px/1.5 system-ui, sans-serif; }
header, main { max-width: 62rem; margin: 0 auto; padding: 0 1.25rem; }
header { padding-top: 2rem; } main { padding-bottom: 4rem; }
h1 { font-size: 1.6rem; margin: 0; letter-spacing: -.01em; } header p { margin: .15rem 0 .75rem; color: var(--faint); }
h2 { font-size: 1.15rem; margin: 2.5rem 0 .75rem; padding-top: .9rem; border-top: 1px solid var(--line); } h3 { font-size: .95rem; margin: 1.5rem 0 .35rem; }
nav { display: flex; flex-wrap: wrap; gap: .25rem 1rem; font-size: .88rem; } a { color: var(--first); }
.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(13rem, 1fr)); gap: .6rem; }
.card { background: var(--panel); border: 1px solid var(--line); border-radius: 8px; padding: .6rem .8rem; display: flex; flex-direction: column; min-width: 0; }
.card span, .card small { color: var(--faint); font-size: .8rem; } .card b { font-size: 1.12rem; font-weight: 600; font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
.card.good b { color: var(--good); } .card.bad b { color: var(--bad); } .card.warn b { color: var(--warn); }
.wide { overflow-x: auto; } table { border-collapse: collapse; width: 100%; margin: .25rem 0; font-variant-numeric: tabular-nums; font-size: .9rem; }
th, td { text-align: left; vertical-align: top; padding: .3rem .75rem .3rem 0; border-bottom: 1px solid var(--line); }
thead th { color: var(--faint); font-weight: 500; } tbody th { font-weight: 400; } .n { text-align: right; } td.n { white-space: nowrap; } thead th { overflow-wrap: anywhere; vertical-align: bottom; }
td.n:last-child, th.n:last-child { padding-right: 0; } .months td, .months th { padding: .3rem .35rem; }
figure { margin: 1.2rem 0 .2rem; min-width: 0; } .pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 26rem), 1fr)); gap: 0 2rem; align-items: start; } @media (max-width: 40rem) { figure { overflow-x: auto; } figure > svg { min-width: 34rem; } figure > svg text { font-size: 17px; } figure:not(.half) > figcaption::after { content: ' ⟷'; } .pair figure > svg { min-width: 0; } .pair figure > svg text { font-size: 13px; } .cards { grid-template-columns: 1fr 1fr !important; } } figcaption { font-size: .88rem; color: var(--faint); margin-bottom: .2rem; } svg { display: block; width: 100%; height: auto; } figure.half > svg { max-width: 36rem; }
svg text { fill: var(--faint); font: 11px system-ui, sans-serif; }
.legend { display: flex; gap: 1.2rem; margin: 0; font-size: .85rem; color: var(--faint); } .legend i { display: inline-block; width: 14px; height: 3px; vertical-align: middle; margin-right: .4rem; }
.said { color: var(--faint); font-size: .88rem; margin: .35rem 0; } .warn { color: var(--warn); border-left: 3px solid var(--warn); padding-left: .7rem; }
`;
