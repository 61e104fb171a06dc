/**
 * Colours of series, for dark and light. Ordered so that neighbours differ in lightness as well as hue, which keeps them apart for
 * readers with any common colour blindness (after Okabe and Ito, "Color Universal Design", 2008, tuned for contrast on both grounds).
 */
export type Theme = 'dark' | 'light';

const series: Readonly<Record<Theme, readonly string[]>> = {
  dark: ['#6cb6ff', '#f0a747', '#4fd1b0', '#e58bc0', '#e8e27a', '#b49cf5', '#ff8a65', '#9fb3c8'],
  light: ['#0b67b2', '#c25e00', '#00806a', '#b23a86', '#8a7a00', '#6544c2', '#c43d1f', '#4b6075'],
};

/** Of a series, in CSS pixels. */
export const lineWidth = 1.6;

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

/** Grounds that series are drawn on. */
const grounds: Readonly<Record<Theme, string>> = { dark: '#121823', light: '#fffdf9' };
/** Of a line to its ground: WCAG 2.2, 1.4.11 asks for 3. */
const enough = 3.6;

const channels = (color: string): readonly number[] => [1, 3, 5].map(at => Number.parseInt(fade(color, 1).slice(at, at + 2), 16));

/** Relative luminance. Source: WCAG 2.2, definition. */
function luminance(rgb: readonly number[]): number {
  const [red = 0, green = 0, blue = 0] = rgb.map(value => {
    const share = value / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

export function contrast(a: string, b: string): number {
  const [low = 0, high = 0] = [luminance(channels(a)), luminance(channels(b))].sort((x, y) => x - y);
  return (high + 0.05) / (low + 0.05);
}

/**
 * A body's own colour for a series, mixed with white or black as far as it takes to be seen on this ground: bodies are written for one
 * ground and looked at on both. Undefined when it is no plain colour.
 */
export function bodyColor(text: string | undefined, theme: Theme): string | undefined {
  const color = plainColor(text);
  if (color === undefined) return undefined;
  const towards = theme === 'dark' ? 255 : 0;
  let mixed = fade(color, 1).slice(0, 7);
  for (let share = 0.1; share < 1 && contrast(mixed, grounds[theme]) < enough; share += 0.1) {
    const parts = channels(color).map(value =>
      Math.round(value + (towards - value) * share)
        .toString(16)
        .padStart(2, '0'),
    );
    mixed = `#${parts.join('')}`;
  }
  return mixed;
}
