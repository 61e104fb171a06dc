/**
 * Colours of series, for dark and light. Ordered so that neighbours differ in lightness as well as hue, which keeps them apart for
 * readers with any common colour blindness (after Okabe and Ito, "Color Universal Design", 2008, tuned for contrast on both grounds).
 */
export type Theme = 'dark' | 'light';

const series: Readonly<Record<Theme, readonly string[]>> = {
  dark: ['#6cb6ff', '#f0a747', '#4fd1b0', '#e58bc0', '#e8e27a', '#b49cf5', '#ff8a65', '#9fb3c8'],
  light: ['#0b67b2', '#c25e00', '#00806a', '#b23a86', '#8a7a00', '#6544c2', '#c43d1f', '#4b6075'],
};

/** Dashes tell series apart without colour, from the second round of colours on. */
const dashes: readonly (readonly number[])[] = [[], [7, 4], [2, 3], [10, 3, 2, 3]];

export function seriesColor(index: number, theme: Theme): string {
  const colors = series[theme];
  return colors[index % colors.length] ?? '#888888';
}

export function seriesDash(index: number): readonly number[] {
  return dashes[Math.floor(index / series.dark.length) % dashes.length] ?? [];
}

/** A colour from a dashboard body, when it is a plain hex colour; anything else is undefined. */
export const plainColor = (text: string | undefined): string | undefined =>
  text !== undefined && /^#[0-9a-f]{3}(?:[0-9a-f]{3})?(?:[0-9a-f]{2})?$/i.test(text) ? text : undefined;

/** `#6cb6ff` at 20 % becomes `#6cb6ff33`. */
export function fade(color: string, share: number): string {
  const full = color.length === 4 ? `#${[...color.slice(1)].map(digit => digit + digit).join('')}` : color.slice(0, 7);
  return `${full}${Math.round(share * 255)
    .toString(16)
    .padStart(2, '0')}`;
}
