/** Colours of the widgets in CloudWatch's light and dark consoles. Words and shapes carry the same, for readers who do not see them. */
import type { Light } from '../../core/health/lights.ts';
import { type Html, html } from './html.ts';

export type Theme = 'light' | 'dark';

interface Colours {
  readonly text: string;
  readonly muted: string;
  readonly line: string;
  readonly surface: string;
  readonly good: string;
  readonly bad: string;
  readonly lights: Readonly<Record<Light, string>>;
}

/** Contrast of text to the console's background is at least 4.5, of shapes 3 (WCAG 2.2, 1.4.3 and 1.4.11). */
export const colours: Readonly<Record<Theme, Colours>> = {
  light: {
    text: '#16191f',
    muted: '#545b64',
    line: '#d5dbdb',
    surface: '#f4f5f6',
    good: '#0b6e4f',
    bad: '#b3261e',
    lights: { red: '#c5281c', yellow: '#a86400', grey: '#6b7280', green: '#0b7a53' },
  },
  dark: {
    text: '#e9ebed',
    muted: '#a4aab3',
    line: '#414d5c',
    surface: '#1b2635',
    good: '#4cc38a',
    bad: '#ff8a80',
    lights: { red: '#ff6b5e', yellow: '#f5b83d', grey: '#98a1ad', green: '#3fbf86' },
  },
};

export function styleSheet(theme: Theme): Html {
  const { text, muted, line, surface, good, bad } = colours[theme];
  return {
    html: `<style>
.nd{color:${text};font-size:13px;line-height:1.4}
.nd-note{color:${muted};margin:4px 0}
.nd-table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
.nd-table th{color:${muted};font-weight:600;text-align:left;white-space:nowrap}
.nd-table th,.nd-table td{padding:4px 12px 4px 0;border-bottom:1px solid ${line};vertical-align:top}
.nd-number{display:block;text-align:right;white-space:nowrap}
.nd-good{color:${good}}.nd-bad{color:${bad}}.nd-muted{color:${muted}}
.nd-row{display:flex;flex-wrap:wrap;gap:12px}
.nd-card{background:${surface};border:1px solid ${line};border-radius:8px;padding:10px 12px;flex:1 1 200px;min-width:180px}
.nd-card h4{margin:0 0 4px;font-size:14px}
.nd-list{list-style:none;margin:6px 0 0;padding:0}
.nd-list li{display:flex;gap:6px;align-items:baseline;padding:1px 0}
.nd-list .nd-number{margin-left:auto}
.nd svg{display:block;max-width:100%}
.nd-light{flex:none;width:14px;height:14px;display:inline-block;vertical-align:-2px}
.nd-light svg{display:inline-block}
</style>`,
  };
}

/** The whole answer: style, content and the time that it holds for. */
export const document = (theme: Theme, content: Html, footer: string): string =>
  `${styleSheet(theme).html}${html`<div class="nd">${content}<p class="nd-note">${footer}</p></div>`.html}`;

/** Each light has a shape of its own: circle, triangle, square, ring. */
export function lightSign(light: Light, theme: Theme, label: string, size = 14): Html {
  const fill = colours[theme].lights[light];
  const shapes: Readonly<Record<Light, Html>> = {
    green: html`<circle cx="8" cy="8" r="6.5" fill="${fill}"></circle>`,
    yellow: html`<path d="M8 1 L15.5 14.5 L0.5 14.5 Z" fill="${fill}"></path>`,
    red: html`<rect x="1.5" y="1.5" width="13" height="13" rx="2" fill="${fill}"></rect>`,
    grey: html`<circle cx="8" cy="8" r="5.5" fill="none" stroke="${fill}" stroke-width="2.5"></circle>`,
  };
  return html`<span class="nd-light"><svg viewBox="0 0 16 16" width="${size}" height="${size}" role="img" aria-label="${label}"><title>${label}</title>${shapes[light]}</svg></span>`;
}
