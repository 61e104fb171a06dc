/** Making text of strangers harmless and short before any channel adds its own escaping. */

/**
 * Text without control characters, without marks that reverse the reading direction or hide characters, without half surrogates,
 * cut after `max` code points with `…`. New lines stay when `keepLines` is `lines`.
 */
export function plainText(text: string, max: number, keepLines: 'one line' | 'lines' = 'one line'): string {
  const head = text.slice(0, max * 4 + 64);
  const clean = head
    .replace(/\r\n?/g, '\n')
    .replace(keepLines === 'lines' ? /(?!\n)[\p{Cc}\u2028\u2029]/gu : /[\p{Cc}\u2028\u2029]+/gu, ' ')
    .replace(/[\u061C\u200B-\u200F\u202A-\u202E\u2060-\u2069\uFEFF]/g, '')
    .replace(/\p{Surrogate}/gu, '\uFFFD');
  return clip(clean.trim(), max);
}

/** At most `max` code points, the last one `…` when something was cut. */
export function clip(text: string, max: number): string {
  if (text.length <= max) return text;
  const points = [...text];
  return points.length <= max ? text : `${points.slice(0, Math.max(0, max - 1)).join('')}…`;
}
