/** Buttons for the time range, moments of one's own, and a link to exactly what is shown. A zoomed chart adds the way back. */

import { type Preset, presetOf, presets } from '../dashboard/period.ts';
import { h, replace, setText } from '../dom.ts';
import { crowded, groupOf, type MomentGroup, momentGroups, moments, showGroup, shownGroups } from '../moments.ts';
import { paused, range, rangeWords, resetZoom, resolveRange, setRange, shift } from '../range.ts';
import { rangeSearch, route, routeHash } from '../router.ts';
import type { Scope } from '../signal.ts';
import { zone } from '../theme.ts';

export function rangePicker(scope: Scope): HTMLElement {
  const host = h('div', { class: 'range', role: 'group', 'aria-label': 'Time range', 'data-testid': 'range' });
  const draw = () => {
    const current = range.get();
    const own = current.kind === 'preset' ? presetOf(current.id) : undefined;
    const all = own === undefined || presets.some(each => each.id === own.id) ? presets : inOrder([...presets, own]);
    const buttons = all.map(preset =>
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
    const focused = host.contains(document.activeElement) ? document.activeElement?.getAttribute('data-testid') : undefined;
    replace(host, ...buttons, zoomed);
    // Whoever chose by keyboard goes on from where they are.
    if (focused === undefined) return;
    const same = [...host.querySelectorAll('button')].find(each => each.dataset['testid'] === focused);
    (same ?? host.querySelector<HTMLElement>('[aria-pressed=true]') ?? host.querySelector('button'))?.focus();
  };
  scope.add(range.watch(draw));
  scope.add(zone.onChange(draw));
  return h('div', { class: 'range-tools' }, stepButtons(), host, pauseButton(scope), ownMoments(), momentSwitches(scope), shareButton());
}

/** Half of the range back and forth, where a chart is dragged with Shift by whoever has a pointer. */
function stepButtons(): HTMLElement {
  const button = (id: string, sign: string, says: string, share: number) =>
    h(
      'button',
      { type: 'button', 'aria-label': says, title: says, 'data-testid': `range-${id}`, on: { click: () => shift(share) } },
      h('span', { 'aria-hidden': 'true' }, sign),
    );
  return h(
    'div',
    { class: 'range', role: 'group', 'aria-label': 'Move the time range' },
    button('earlier', '‹', 'Half of the range earlier', -half),
    button('later', '›', 'Half of the range later', half),
  );
}

const half = 0.5;

const inOrder = (all: readonly Preset[]) => [...all].sort((a, b) => (a.ms ?? Number.MAX_VALUE) - (b.ms ?? Number.MAX_VALUE));

/** Text of a `datetime-local` input in the chosen zone, and back. */
function inputText(ms: number): string {
  const shifted = zone.get() === 'utc' ? ms : ms - new Date(ms).getTimezoneOffset() * 60_000;
  return new Date(shifted).toISOString().slice(0, 16);
}

const momentOf = (text: string): number => Date.parse(zone.get() === 'utc' ? `${text}Z` : text);

function ownMoments(): HTMLElement {
  const from = h('input', { type: 'datetime-local', 'aria-label': 'From', 'data-testid': 'range-from' });
  const to = h('input', { type: 'datetime-local', 'aria-label': 'To', 'data-testid': 'range-to' });
  const said = h('p', { class: 'range-said', role: 'status' });
  const apply = h('button', { type: 'button', class: 'strong', 'data-testid': 'range-apply' }, 'Show');
  const summary = h('summary', { title: 'Choose two moments', 'data-testid': 'range-own' }, 'Between …');
  const element = h(
    'details',
    { class: 'range-own' },
    summary,
    h('div', { class: 'range-form' }, h('label', {}, 'From ', from), h('label', {}, 'To ', to), apply, said),
  );
  element.addEventListener('toggle', () => {
    if (!element.open) return;
    const { fromMs, toMs } = resolveRange();
    from.value = inputText(fromMs);
    to.value = inputText(toMs);
    setText(said, zone.get() === 'utc' ? 'Times in UTC' : 'Times in local time');
    from.focus();
  });
  element.addEventListener('keydown', event => {
    if (event.key !== 'Escape' || !element.open) return;
    event.stopPropagation();
    element.open = false;
    summary.focus();
  });
  apply.addEventListener('click', () => {
    const [fromMs, toMs] = [momentOf(from.value), momentOf(to.value)];
    if (!(fromMs < toMs)) {
      setText(said, 'The first moment must be before the second.');
      return;
    }
    element.open = false;
    setRange({ kind: 'fixed', fromMs, toMs });
  });
  return element;
}

/** Only for ranges that follow the clock; a fixed one stands still anyway. */
function pauseButton(scope: Scope): HTMLElement {
  const button = h('button', { type: 'button', class: 'share', 'data-testid': 'pause', on: { click: () => paused.set(!paused.get()) } });
  const draw = () => {
    const isPaused = paused.get();
    setText(button, isPaused ? 'Paused' : 'Pause');
    button.title = isPaused ? 'Charts stand still. Follow the clock again' : 'Keep the charts as they are while time goes on';
    button.setAttribute('aria-pressed', String(isPaused));
    button.hidden = range.get().kind === 'fixed';
  };
  scope.add(paused.watch(draw));
  scope.add(range.onChange(draw));
  scope.add(() => paused.set(false));
  return button;
}

const switchWords: Readonly<Record<MomentGroup, readonly [sign: string, label: string, says: string]>> = {
  deploys: ['▼', 'Deploys', 'Deploys and other changes to the bots, as lines on all charts'],
  sessions: ['┊', 'Sessions', 'Opens and closes of the strategies’ markets, as dotted lines on all charts'],
};

/** Only while there is something to mark. */
function momentSwitches(scope: Scope): HTMLElement {
  const host = h('div', { class: 'range marks', role: 'group', 'aria-label': 'Marks on all charts', 'data-testid': 'marks' });
  const buttons = momentGroups.map(group => {
    const [sign, label] = switchWords[group];
    const click = () => showGroup(group, !shownGroups.get().has(group));
    const button = h(
      'button',
      { type: 'button', 'data-testid': `marks-${group}`, on: { click } },
      h('span', { class: 'sign', 'aria-hidden': 'true' }, sign),
      ` ${label}`,
    );
    return { group, button };
  });
  host.append(...buttons.map(({ button }) => button));
  const draw = () => {
    for (const { group, button } of buttons) {
      const tooMany = group === 'sessions' && crowded.get().length > 0 ? `. Too many in this range: ${crowded.get().join(', ')}` : '';
      button.setAttribute('aria-pressed', String(shownGroups.get().has(group)));
      button.title = `${switchWords[group][2]}${tooMany}`;
      button.hidden = tooMany === '' && !moments.get().some(each => groupOf(each) === group);
    }
    host.hidden = buttons.every(({ button }) => button.hidden);
  };
  draw();
  for (const source of [shownGroups, moments, crowded] as const) scope.add(source.onChange(draw));
  return host;
}

/** The address with fixed moments, so that whoever opens it sees the same. */
function shareButton(): HTMLElement {
  const button = h(
    'button',
    { type: 'button', class: 'share', title: 'Copy a link to exactly this time range', 'data-testid': 'share' },
    'Share',
  );
  button.addEventListener('click', async () => {
    const { range: _, from: __, to: ___, ...others } = route.get().search;
    const search = { ...others, ...rangeSearch({ kind: 'fixed', ...resolveRange() }) };
    const address = `${location.origin}${location.pathname}${routeHash({ ...route.get(), search })}`;
    const done = await navigator.clipboard.writeText(address).then(
      () => true,
      () => false,
    );
    button.dataset['address'] = address;
    if (!done) location.hash = routeHash({ ...route.get(), search });
    setText(button, done ? 'Copied' : 'In the address bar');
    setTimeout(() => setText(button, 'Share'), 2000);
  });
  return button;
}
