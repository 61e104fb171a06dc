/** The head of the page: the banner, what runs where, the clock, the bots' lights and the switches. */
import type { BotStatus, Status } from './api.ts';
import { h, keyed, replace, setText } from './dom.ts';
import { ago, formatClock, formatDay } from './format.ts';
import { connection, nowMs, speed, status } from './live.ts';
import { botWords } from './state.ts';
import { type ThemeChoice, themeChoice, zone } from './theme.ts';

export function banner(): HTMLElement {
  const words = h('span', {});
  const element = h(
    'div',
    { class: 'banner', role: 'region', 'aria-label': 'About the data', 'data-testid': 'banner', hidden: true },
    words,
  );
  status.onChange(now => {
    element.hidden = now?.simulated !== true && now?.note === undefined;
    element.dataset['kind'] = now?.note === undefined ? 'simulated' : 'file';
    setText(words, now?.note ?? `Simulated data · clock ${now?.speed === 'max' ? 'as fast as it goes' : `${now?.speed ?? 1}×`}`);
  });
  return element;
}

export function header(openConnect: () => void): HTMLElement {
  const stage = h('span', { class: 'stage', title: 'Stage' });
  const time = h('span', { class: 'clock-time' });
  const day = h('span', { class: 'clock-day' });
  const clock = h('div', { class: 'clock', 'data-testid': 'clock', role: 'timer', 'aria-label': 'Virtual clock' }, time, day);
  const bots = h('ul', { class: 'bots', 'aria-label': 'Bots' });
  const lost = h('span', { class: 'lost', role: 'status' });
  const drawClock = () => {
    setText(time, formatClock(nowMs(), zone.get()));
    const pace = speed() === 'max' ? ' · max' : speed() === 1 || speed() === 0 ? '' : ` · ${speed()}×`;
    setText(day, `${formatDay(nowMs(), zone.get())} ${zone.get() === 'utc' ? 'UTC' : 'local'}${pace}`);
  };
  setInterval(drawClock, 250);
  zone.watch(drawClock);
  status.onChange(now => {
    if (now === undefined) return;
    setText(stage, now.stage);
    document.title = `Nightdesk · ${now.stage}`;
    drawBots(bots, now);
  });
  connection.onChange(state => setText(lost, state === 'lost' ? 'Connection lost, trying again' : ''));
  return h(
    'header',
    { class: 'top' },
    h('h1', {}, h('a', { class: 'brand', href: '#/' }, moon(), h('span', {}, 'Nightdesk'))),
    stage,
    bots,
    lost,
    clock,
    h(
      'div',
      { class: 'switches' },
      zoneSwitch(),
      themeSwitch(),
      h('button', { type: 'button', class: 'connect-button', 'data-testid': 'connect', on: { click: openConnect } }, 'Connect your bot'),
    ),
  );
}

const moon = () => h('span', { class: 'moon', 'aria-hidden': 'true' });

/** Green, yellow, red or grey, and always the word. */
const lights: Readonly<Record<BotStatus['state'], string>> = { up: 'green', late: 'yellow', down: 'red', new: 'grey', paused: 'grey' };

function drawBots(host: HTMLElement, now: Status): void {
  keyed(host, now.bots, {
    key: bot => bot.id,
    version: bot => JSON.stringify([bot.state, bot.process]),
    draw: bot =>
      h(
        'li',
        {
          class: 'bot',
          'data-testid': `bot-${bot.id}`,
          'data-state': bot.state,
          'data-light': lights[bot.state] ?? 'grey',
          title: titleOf(bot),
        },
        h('span', { class: 'dot', 'aria-hidden': 'true' }),
        h('span', { class: 'bot-name' }, bot.id),
        h('span', { class: 'bot-state' }, bot.state === 'new' ? 'waiting' : (botWords[bot.state] ?? bot.state)),
      ),
  });
}

function titleOf(bot: BotStatus): string {
  const heard = bot.lastHeartbeat === undefined ? 'no heartbeat yet' : `last heartbeat ${ago(Date.parse(bot.lastHeartbeat), nowMs())}`;
  return `${bot.id}: ${botWords[bot.state] ?? bot.state}, ${heard}. Strategies: ${bot.strategies.join(', ')}`;
}

const themeWords: Readonly<Record<ThemeChoice, string>> = { auto: 'Auto', dark: 'Dark', light: 'Light' };
const nextTheme: Readonly<Record<ThemeChoice, ThemeChoice>> = { auto: 'dark', dark: 'light', light: 'auto' };

function themeSwitch(): HTMLElement {
  const button = h('button', { type: 'button', class: 'switch', 'data-testid': 'theme' });
  button.addEventListener('click', () => themeChoice.set(nextTheme[themeChoice.get()]));
  themeChoice.watch(choice => {
    replace(button, themeWords[choice]);
    button.setAttribute('aria-label', `Colours: ${themeWords[choice]}. Change to ${themeWords[nextTheme[choice]]}`);
  });
  return button;
}

function zoneSwitch(): HTMLElement {
  const button = h('button', { type: 'button', class: 'switch' });
  button.addEventListener('click', () => zone.set(zone.get() === 'utc' ? 'local' : 'utc'));
  zone.watch(now => {
    replace(button, now === 'utc' ? 'UTC' : 'Local');
    button.setAttribute('aria-label', `Times in ${now === 'utc' ? 'UTC' : 'local time'}. Change`);
  });
  return button;
}
