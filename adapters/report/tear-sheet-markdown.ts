/** The same tear sheet as Markdown, for issues, chats and version control. Text that is not ours cannot become markup. */
import type { Block, ReportDocument } from '../../core/report/document.ts';
import { unreachable } from '../../core/result.ts';
import { courseText, pointText, textLine } from './tear-sheet-charts.ts';

export function tearSheetMarkdown({ title, subtitle, warnings, sections }: ReportDocument): string {
  const parts = [
    `# ${plain(title)}`,
    plain(subtitle),
    ...warnings.map(text => `> **${plain(text)}**`),
    ...sections.flatMap(section => [`## ${plain(section.title)}`, ...section.blocks.map(blockText)]),
  ];
  return `${parts.filter(part => part !== '').join('\n\n')}\n`;
}

/** Characters that begin markup are escaped, and lines end. */
const plain = (text: string): string => text.replace(/[\r\n]+/g, ' ').replace(/[\\`*_{}[\]<>#|~]/g, character => `\\${character}`);

type TableBlock = Extract<Block, { kind: 'table' }>;

function table(columns: readonly { readonly title: string; readonly isNumber?: boolean }[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map(plain).join(' | ')} |`;
  return [
    line(columns.map(({ title }) => title)),
    `| ${columns.map(({ isNumber }) => (isNumber === true ? '---:' : '---')).join(' | ')} |`,
    ...rows.map(line),
  ].join('\n');
}

function tableText({ title, columns, rows, whenEmpty, note }: TableBlock): string {
  const heading = title === undefined ? '' : `### ${plain(title)}\n\n`;
  if (rows.length === 0) return `${heading}${plain(whenEmpty)}`;
  return `${heading}${table(columns, rows)}${note === undefined ? '' : `\n\n${plain(note)}`}`;
}

/** Few bars stand in the tables that accompany them; many are a line. */
function barsText({ title, series }: Extract<Block, { kind: 'bars' }>): string {
  return series
    .map(({ label, values }) => ({ label, known: values.flatMap(value => value ?? []) }))
    .filter(({ known }) => known.length > 12)
    .map(({ label, known }) => `**${plain(title)}**, ${plain(label)}: \`${textLine(known)}\` ${courseText(known, 'percent')}`)
    .join('\n\n');
}

function blockText(block: Block): string {
  switch (block.kind) {
    case 'cards':
      return table(
        [{ title: 'Figure' }, { title: 'Value', isNumber: true }, { title: 'Rests on' }],
        block.cards.map(({ label, value, note }) => [label, value, note ?? '']),
      );
    case 'table':
      return tableText(block);
    case 'text':
      return plain(block.text);
    case 'lines':
      return block.series
        .filter(({ points }) => points.length > 1)
        .map(({ label, points }) => {
          const values = points.map(({ value }) => value);
          return `**${plain(block.title)}**, ${plain(label)}: \`${textLine(values)}\` ${courseText(values, block.format)}`;
        })
        .join('\n\n');
    case 'histogram':
      return '';
    case 'bars':
      return barsText(block);
    case 'boxes':
      return `### ${plain(block.title)}\n\n${table(
        [
          { title: 'Periods' },
          ...['n', 'Lowest', 'Lower quartile', 'Median', 'Upper quartile', 'Highest'].map(title => ({ title, isNumber: true })),
        ],
        block.boxes.map(({ label, n, ...box }) => [
          label,
          String(n),
          ...[box.least, box.low, box.middle, box.high, box.most].map(value => pointText(value, 'percent')),
        ]),
      )}`;
    case 'calendar': {
      const sorted = [...block.days].sort((a, b) => a.value - b.value);
      const row = (day: (typeof sorted)[number]) => [day.date, day.text];
      if (sorted.length <= 1) return '';
      const extremes = sorted.length <= 10 ? block.days : [...sorted.slice(0, 5), ...sorted.slice(-5)];
      return `### ${sorted.length <= 10 ? 'Days' : 'Five worst and five best days'}\n\n${table([{ title: 'Day' }, { title: 'Result', isNumber: true }], extremes.map(row))}`;
    }
    case 'months':
      return `### ${plain(block.title)}\n\n${table(
        [{ title: 'Month' }, { title: 'Return', isNumber: true }],
        block.months.map(({ period, value }) => [period, pointText(value, 'percent')]),
      )}`;
    default:
      return unreachable(block);
  }
}
