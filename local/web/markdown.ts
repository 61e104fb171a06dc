/**
 * The Markdown subset of text widgets, read into a tree. Pure; the tree holds plain text only, so drawing it cannot inject anything.
 * Covers headings, paragraphs, bold, italics, code, links, CloudWatch's `[button:Text](url)`, lists, tables, quotes and rules.
 */

export type Inline =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'strong' | 'emphasis' | 'strike'; readonly children: readonly Inline[] }
  | { readonly kind: 'code'; readonly text: string }
  | { readonly kind: 'break' }
  | { readonly kind: 'link'; readonly href: string; readonly button: boolean; readonly children: readonly Inline[] };

export type Block =
  | { readonly kind: 'heading'; readonly level: number; readonly children: readonly Inline[] }
  | { readonly kind: 'paragraph' | 'quote'; readonly children: readonly Inline[] }
  | { readonly kind: 'list'; readonly ordered: boolean; readonly items: readonly (readonly Inline[])[] }
  | { readonly kind: 'table'; readonly head: readonly (readonly Inline[])[]; readonly rows: readonly (readonly (readonly Inline[])[])[] }
  | { readonly kind: 'codeBlock'; readonly text: string }
  | { readonly kind: 'rule' };

const inlineRule =
  /(?<code>`+)(?<codeText>[^`]|[^`][\s\S]*?[^`])\k<code>|\[(?<label>[^\]]*)\]\((?<href>[^)\s]*)\)|(?<strong>\*\*|__)(?=\S)(?<strongText>[\s\S]*?\S)\k<strong>|~~(?=\S)(?<strikeText>[\s\S]*?\S)~~|(?<![\w*])(?<em>[*_])(?=[^\s*_])(?<emText>[\s\S]*?[^\s])\k<em>(?![\w*])|\\(?<escaped>[\\`*_{}[\]()#+\-.!|~])|(?<br> {2,}\n)/g;

export function parseInline(source: string): Inline[] {
  const out: Inline[] = [];
  let from = 0;
  const text = (value: string) => {
    if (value !== '') out.push({ kind: 'text', text: value.replace(/\n/g, ' ') });
  };
  for (const match of source.matchAll(inlineRule)) {
    text(source.slice(from, match.index));
    from = match.index + match[0].length;
    const group = match.groups ?? {};
    if (group['codeText'] !== undefined) out.push({ kind: 'code', text: group['codeText'] });
    else if (group['href'] !== undefined) out.push(linkOf(group['label'] ?? '', group['href']));
    else if (group['strongText'] !== undefined) out.push({ kind: 'strong', children: parseInline(group['strongText']) });
    else if (group['strikeText'] !== undefined) out.push({ kind: 'strike', children: parseInline(group['strikeText']) });
    else if (group['emText'] !== undefined) out.push({ kind: 'emphasis', children: parseInline(group['emText']) });
    else if (group['escaped'] !== undefined) out.push({ kind: 'text', text: group['escaped'] });
    else out.push({ kind: 'break' });
  }
  text(source.slice(from));
  return out;
}

function linkOf(label: string, href: string): Inline {
  const button = /^button:(?:primary:)?(?<label>.*)$/.exec(label);
  return { kind: 'link', href, button: button !== null, children: parseInline(button?.groups?.['label'] ?? label) };
}

const cells = (line: string) =>
  line
    .trim()
    .replace(/^\||\|$/g, '')
    .split(/(?<!\\)\|/)
    .map(cell => parseInline(cell.trim().replaceAll('\\|', '|')));

const isTableRule = (line: string | undefined) => line?.includes('-') && /^\s*\|?\s*:?-+:?\s*(\|\s*:?-+:?\s*)*\|?\s*$/.test(line);
const listItem = /^\s*(?:[-*+]|(?<number>\d+)[.)])\s+(?<text>.*)$/;
const startsBlock = (line: string) => /^\s*(#{1,6}\s|```|>|([-*_])\s*(\2\s*){2,}$)/.test(line) || listItem.test(line);

export function parseMarkdown(source: string): Block[] {
  const lines = source.replace(/\r\n?/g, '\n').split('\n');
  const blocks: Block[] = [];
  let at = 0;
  while (at < lines.length) {
    const [block, next] = blockAt(lines, at);
    if (block !== undefined) blocks.push(block);
    at = next;
  }
  return blocks;
}

function takeWhile(lines: readonly string[], from: number, keep: (line: string) => boolean): number {
  let at = from;
  while (at < lines.length && keep(lines[at] ?? '')) at += 1;
  return at;
}

function blockAt(lines: readonly string[], at: number): readonly [Block | undefined, number] {
  const line = lines[at] ?? '';
  if (line.trim() === '') return [undefined, at + 1];
  const heading = /^\s*(#{1,6})\s+(.*?)\s*#*$/.exec(line);
  if (heading !== null) return [{ kind: 'heading', level: heading[1]?.length ?? 1, children: parseInline(heading[2] ?? '') }, at + 1];
  if (/^\s*```/.test(line)) {
    const end = takeWhile(lines, at + 1, each => !/^\s*```\s*$/.test(each));
    return [{ kind: 'codeBlock', text: lines.slice(at + 1, end).join('\n') }, end + 1];
  }
  if (/^\s*([-*_])\s*(\1\s*){2,}$/.test(line)) return [{ kind: 'rule' }, at + 1];
  if (/^\s*>/.test(line)) {
    const end = takeWhile(lines, at, each => /^\s*>/.test(each));
    const text = lines.slice(at, end).map(each => each.replace(/^\s*>\s?/, ''));
    return [{ kind: 'quote', children: parseInline(text.join('\n')) }, end];
  }
  if (line.includes('|') && isTableRule(lines[at + 1])) {
    const end = takeWhile(lines, at + 2, each => each.includes('|'));
    return [{ kind: 'table', head: cells(line), rows: lines.slice(at + 2, end).map(cells) }, end];
  }
  if (listItem.test(line)) return listAt(lines, at);
  const end = takeWhile(lines, at + 1, each => each.trim() !== '' && !startsBlock(each));
  return [{ kind: 'paragraph', children: parseInline(lines.slice(at, end).join('\n')) }, end];
}

function listAt(lines: readonly string[], at: number): readonly [Block, number] {
  const items: string[] = [];
  const ordered = listItem.exec(lines[at] ?? '')?.groups?.['number'] !== undefined;
  const end = takeWhile(lines, at, line => {
    const item = listItem.exec(line);
    if (item !== null) items.push(item.groups?.['text'] ?? '');
    else if (line.trim() !== '' && /^\s{2,}/.test(line)) items.push(`${items.pop() ?? ''} ${line.trim()}`);
    else return false;
    return true;
  });
  return [{ kind: 'list', ordered, items: items.map(parseInline) }, end];
}
