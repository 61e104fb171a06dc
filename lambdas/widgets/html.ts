/** HTML of custom widgets: plain tables without colours of their own, so that light and dark consoles both read well. */

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

export const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, character => entities[character]!);

/** A table; every text is escaped. Without rows the sentence stands in its place. */
export function tableHtml(caption: string, columns: readonly string[], rows: readonly (readonly string[])[], whenEmpty: string): string {
  if (rows.length === 0) return `<h4>${escapeHtml(caption)}</h4><p>${escapeHtml(whenEmpty)}</p>`;
  const cells = (tag: 'th' | 'td', texts: readonly string[]) =>
    `<tr>${texts.map(text => `<${tag}>${escapeHtml(text)}</${tag}>`).join('')}</tr>`;
  return `<h4>${escapeHtml(caption)}</h4><table><thead>${cells('th', columns)}</thead><tbody>${rows.map(row => cells('td', row)).join('')}</tbody></table>`;
}
