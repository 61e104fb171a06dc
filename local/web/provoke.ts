/** Buttons that provoke each incident, always within reach: a column on wide screens, a drawer on others. */
import { ApiError, api, type Provocation } from './api.ts';
import { h, replace, setText } from './dom.ts';
import { refreshAll, status } from './live.ts';

const recoverAll: Provocation = {
  id: 'recover',
  title: 'Recover',
  explains: 'Everything provoked ends: bots run, feeds and orders flow again.',
};

export function provokePanel(): HTMLElement {
  const said = h('p', { class: 'provoke-said', role: 'status', 'data-testid': 'provoke-said' });
  const bot = h('select', { 'aria-label': 'Which bot' });
  const list = h('div', { class: 'provoke-list' });
  const botLine = h('label', { class: 'provoke-bot', hidden: true }, 'Bot ', bot);
  const element = h(
    'section',
    { class: 'provoke', 'aria-labelledby': 'provoke-title' },
    h('header', {}, h('h2', { id: 'provoke-title' }, 'Provoke an incident'), botLine),
    list,
    said,
  );

  const run = async (provocation: Provocation, button: HTMLButtonElement) => {
    button.disabled = true;
    try {
      const { ok, text } = await api.provoke(provocation.id, bot.value === '' ? undefined : bot.value);
      said.dataset['ok'] = String(ok);
      setText(said, text);
      refreshAll();
    } catch (error) {
      said.dataset['ok'] = 'false';
      setText(said, error instanceof ApiError ? error.message : 'The local stack did not answer.');
    } finally {
      button.disabled = false;
    }
  };

  const draw = (all: readonly Provocation[]) => {
    const recover = all.find(each => each.id === 'recover') ?? recoverAll;
    replace(list, ...[...all.filter(each => each.id !== 'recover'), recover].map(each => provokeButton(each, run)));
  };
  draw([]);
  const load = () =>
    api
      .provocations()
      .then(draw)
      .catch(() => setTimeout(load, 3000));
  void load();
  let known = '';
  status.onChange(now => {
    const ids = now?.bots.map(each => each.id) ?? [];
    element.hidden = now?.simulated === false;
    if (ids.join() === known) return;
    known = ids.join();
    botLine.hidden = ids.length < 2;
    const before = bot.value;
    replace(bot, ...ids.map(id => h('option', { value: id, selected: id === before }, id)));
  });
  return element;
}

function provokeButton(provocation: Provocation, run: (provocation: Provocation, button: HTMLButtonElement) => Promise<void>): HTMLElement {
  const button = h(
    'button',
    {
      type: 'button',
      title: provocation.explains,
      class: provocation.id === 'recover' ? 'provoke-button recover' : 'provoke-button',
      'data-testid': `provoke-${provocation.id}`,
    },
    h('span', { class: 'provoke-title' }, provocation.title),
    h('span', { class: 'provoke-explains' }, provocation.explains),
  );
  button.addEventListener('click', () => void run(provocation, button));
  return button;
}
