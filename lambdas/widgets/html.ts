/** HTML as a value: a template escapes everything that is not HTML already, so text from bots cannot become markup. */

export interface Html {
  readonly html: string;
}

type Part = Html | string | number | undefined | readonly Html[];

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** Control characters have no place in HTML and are left out; half of a surrogate pair would make the whole answer unreadable. */
export const escapeHtml = (text: string): string =>
  text
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/g, '')
    .replace(/\p{Surrogate}/gu, '\uFFFD')
    .replace(/[&<>"']/g, character => entities[character]!);

export function html(texts: TemplateStringsArray, ...parts: readonly Part[]): Html {
  return { html: texts.reduce((sum, text, index) => sum + show(parts[index - 1]) + text) };
}

function show(part: Part): string {
  if (part === undefined) return '';
  if (typeof part === 'string') return escapeHtml(part);
  if (typeof part === 'number') return String(part);
  return 'html' in part ? part.html : part.map(each => each.html).join('');
}

export const nothing: Html = { html: '' };

/** Longest text of a cell; what bots write can be longer, and stands in full in the cell's hint. */
const CELL = 80;

export type Cell = string | Html;

const NUMBER = '<span class="nd-number';

/** A cell of numbers, set to the right. */
export const number = (text: string): Html => html`<span class="nd-number">${text}</span>`;

/** A table; without rows the sentence stands in its place. */
export function table(columns: readonly string[], rows: readonly (readonly Cell[])[], whenEmpty: string): Html {
  if (rows.length === 0) return html`<p class="nd-note">${whenEmpty}</p>`;
  const isNumeric = (at: number) => rows.every(row => typeof row[at] === 'object' && row[at].html.startsWith(NUMBER));
  const head = columns.map((column, at) =>
    isNumeric(at) ? html`<th scope="col"><span class="nd-number">${column}</span></th>` : html`<th scope="col">${column}</th>`,
  );
  const body = rows.map(row => html`<tr>${row.map(cell)}</tr>`);
  return html`<table class="nd-table"><thead><tr>${head}</tr></thead><tbody>${body}</tbody></table>`;
}

function cell(content: Cell): Html {
  if (typeof content !== 'string') return html`<td>${content}</td>`;
  const shown = content.length > CELL ? `${content.slice(0, CELL - 1)}…` : content;
  return shown === content ? html`<td>${content}</td>` : html`<td title="${content.slice(0, 1_000)}">${shown}</td>`;
}

/** A button that calls this function again. CloudWatch takes the element after a button as what it does. */
export function button(
  label: string,
  parameters: Readonly<Record<string, unknown>>,
  { endpoint, confirmation }: { readonly endpoint: string; readonly confirmation?: string },
): Html {
  // The content is JSON, and inside HTML: its angle brackets and ampersands are written as JSON escapes.
  const json: Html = {
    html: JSON.stringify(parameters).replace(/[<>&\u2028\u2029]/g, c => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`),
  };
  const asks = confirmation === undefined ? nothing : html` confirmation="${confirmation}"`;
  return html`<a class="btn">${label}</a><cwdb-action action="call" display="widget" endpoint="${endpoint}"${asks}>${json}</cwdb-action>`;
}
