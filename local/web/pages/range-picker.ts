/** Buttons for the time range; a zoomed chart adds its moments and the way back. */

import { presets } from '../dashboard/period.ts';
import { h, replace } from '../dom.ts';
import { range, rangeWords, resetZoom, setRange } from '../range.ts';
import type { Scope } from '../signal.ts';
import { zone } from '../theme.ts';

export function rangePicker(scope: Scope): HTMLElement {
  const host = h('div', { class: 'range', role: 'group', 'aria-label': 'Time range', 'data-testid': 'range' });
  const draw = () => {
    const current = range.get();
    const buttons = presets.map(preset =>
      h(
        'button',
        {
          type: 'button',
          'aria-pressed': String(current.kind === 'preset' && current.id === preset.id),
          title: preset.long,
          'data-testid': `range-${preset.id}`,
          on: { click: () => setRange({ kind: 'preset', id: preset.id }) },
        },
        preset.label,
      ),
    );
    const zoomed =
      current.kind === 'fixed'
        ? h(
            'button',
            { type: 'button', class: 'zoomed', 'data-testid': 'reset-zoom', on: { click: resetZoom } },
            `${rangeWords(current)} `,
            h('span', {}, 'Reset'),
          )
        : null;
    replace(host, ...buttons, zoomed);
  };
  scope.add(range.watch(draw));
  scope.add(zone.onChange(draw));
  return host;
}
