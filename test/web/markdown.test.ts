import { describe, expect, it } from 'vitest';
import { type Block, type Inline, parseInline, parseMarkdown } from '../../local/web/markdown.ts';

const text = (value: string): Inline => ({ kind: 'text', text: value });

describe('inline Markdown', () => {
  it.each<[string, readonly Inline[]]>([
    ['plain', [text('plain')]],
    ['**bold** and *soft*', [{ kind: 'strong', children: [text('bold')] }, text(' and '), { kind: 'emphasis', children: [text('soft')] }]],
    ['`a **b**`', [{ kind: 'code', text: 'a **b**' }]],
    ['snake_case_name', [text('snake_case_name')]],
    ['2 * 3 * 4', [text('2 * 3 * 4')]],
    ['\\*not\\*', [text('*'), text('not'), text('*')]],
    ['[run](docs/a.md)', [{ kind: 'link', href: 'docs/a.md', button: false, children: [text('run')] }]],
    ['[button:primary:Go](#/x)', [{ kind: 'link', href: '#/x', button: true, children: [text('Go')] }]],
    ['<b>raw</b>', [text('<b>raw</b>')]],
  ])('reads %s', (source, expected) => {
    expect(parseInline(source)).toEqual(expected);
  });
});

describe('blocks', () => {
  const kinds = (source: string) => parseMarkdown(source).map(block => block.kind);

  it('keeps each kind apart', () => {
    const source =
      '# Title\ntext\nmore\n\n- one\n- two\n  still two\n1. first\n\n> said\n\n---\n\n```\n# code\n```\n| a | b |\n|---|---|\n| 1 | 2 |';
    expect(kinds(source)).toEqual(['heading', 'paragraph', 'list', 'quote', 'rule', 'codeBlock', 'table']);
  });

  it('joins the lines of an item and of a paragraph', () => {
    expect(parseMarkdown('- two\n  still two')).toEqual([{ kind: 'list', ordered: false, items: [[text('two still two')]] }]);
    expect(parseMarkdown('a\nb')).toEqual([{ kind: 'paragraph', children: [text('a b')] }]);
  });

  it('reads a table with and without outer bars', () => {
    const table: Block = { kind: 'table', head: [[text('a')], [text('b')]], rows: [[[text('1')], [text('2')]]] };
    expect(parseMarkdown('| a | b |\n| --- | :-: |\n| 1 | 2 |')).toEqual([table]);
    expect(parseMarkdown('a | b\n--- | ---\n1 | 2')).toEqual([table]);
  });

  it('ends an unclosed code block at the end', () => {
    expect(parseMarkdown('```\nx')).toEqual([{ kind: 'codeBlock', text: 'x' }]);
  });
});
