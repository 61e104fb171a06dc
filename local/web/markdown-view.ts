import { type Child, h, link } from './dom.ts';
import { type Block, type Inline, parseMarkdown } from './markdown.ts';

export function drawInline(nodes: readonly Inline[]): Child[] {
  return nodes.map(node => {
    switch (node.kind) {
      case 'text':
        return node.text;
      case 'code':
        return h('code', {}, node.text);
      case 'break':
        return h('br');
      case 'strong':
        return h('strong', {}, ...drawInline(node.children));
      case 'emphasis':
        return h('em', {}, ...drawInline(node.children));
      case 'strike':
        return h('s', {}, ...drawInline(node.children));
      default: {
        const made = link(node.href, ...drawInline(node.children));
        if (node.button) made.classList.add('button');
        return made;
      }
    }
  });
}

const headingTags = ['h2', 'h2', 'h3', 'h4', 'h5', 'h6'] as const;

function drawBlock(block: Block): HTMLElement {
  switch (block.kind) {
    case 'heading':
      return h(headingTags[block.level - 1] ?? 'h6', { class: `md-h${block.level}` }, ...drawInline(block.children));
    case 'paragraph':
      return h('p', {}, ...drawInline(block.children));
    case 'quote':
      return h('blockquote', {}, ...drawInline(block.children));
    case 'list':
      return h(block.ordered ? 'ol' : 'ul', {}, ...block.items.map(item => h('li', {}, ...drawInline(item))));
    case 'table':
      return h(
        'table',
        {},
        h('thead', {}, h('tr', {}, ...block.head.map(cell => h('th', { scope: 'col' }, ...drawInline(cell))))),
        h('tbody', {}, ...block.rows.map(row => h('tr', {}, ...row.map(cell => h('td', {}, ...drawInline(cell)))))),
      );
    case 'codeBlock':
      return h('pre', {}, h('code', {}, block.text));
    case 'rule':
      return h('hr');
  }
}

export const drawMarkdown = (source: string): HTMLElement => h('div', { class: 'markdown' }, ...parseMarkdown(source).map(drawBlock));
