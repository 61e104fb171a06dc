/** The local viewer: head, tabs, the page of the address, and the column beside it. */
import { api, type DashboardEntry } from './api.ts';
import { connectDialog } from './connect.ts';
import { h, replace, setText } from './dom.ts';
import { banner, header } from './header.ts';
import { latestColumn } from './latest.ts';
import { alarms, heard, inbox, incidents, startLive } from './live.ts';
import { startMoments } from './moments.ts';
import { alarmsPage } from './pages/alarms.ts';
import { dashboardPage } from './pages/dashboard.ts';
import { countUnread, inboxPage, unread } from './pages/inbox.ts';
import { incidentsPage, isOpen } from './pages/incidents.ts';
import { logsPage } from './pages/logs.ts';
import type { Page } from './pages/page.ts';
import { watchPresses } from './presses.ts';
import { provokePanel } from './provoke.ts';
import { range, rangeWords, startRange } from './range.ts';
import { rangeSearch, route, routeHash, startRouter } from './router.ts';
import { scope as newScope } from './signal.ts';
import { ownAlarms } from './state.ts';
import { memory, startTheme } from './theme.ts';

interface Tab {
  readonly id: string;
  readonly label: string;
  readonly page: Page;
  readonly badge?: () => { readonly text: string; readonly says: string } | undefined;
  readonly isDashboard: boolean;
}

const audiences: Readonly<Record<string, string>> = {
  developer: 'Developer',
  trader: 'Trader',
  operations: 'Operations',
  resources: 'Resources',
};
const audienceOrder = ['trader', 'operations', 'developer', 'resources'];

const badge = (count: number, says: string) => (count === 0 ? undefined : { text: String(count), says: `${count} ${says}` });

const fixedTabs: readonly Tab[] = [
  {
    id: 'alarms',
    label: 'Alarms',
    page: alarmsPage,
    isDashboard: false,
    badge: () => badge(ownAlarms(alarms.get()).filter(each => each.state === 'ALARM').length, 'in alarm'),
  },
  {
    id: 'incidents',
    label: 'Incidents',
    page: incidentsPage,
    isDashboard: false,
    badge: () => badge(incidents.get().filter(isOpen).length, 'open'),
  },
  { id: 'logs', label: 'Logs', page: logsPage, isDashboard: false },
  { id: 'inbox', label: 'Inbox', page: inboxPage, isDashboard: false, badge: () => badge(unread.get(), 'unread') },
];

/** One tab for each audience's first dashboard, then one for each other dashboard. */
function dashboardTabs(entries: readonly DashboardEntry[]): Tab[] {
  const rank = (entry: DashboardEntry) =>
    audienceOrder.includes(entry.audience) ? audienceOrder.indexOf(entry.audience) : audienceOrder.length;
  const taken = new Set<string>();
  return [...entries]
    .sort((a, b) => rank(a) - rank(b))
    .map(entry => {
      const isFirst = audiences[entry.audience] !== undefined && !taken.has(entry.audience);
      const id = isFirst ? entry.audience : entry.name;
      taken.add(id);
      return {
        id,
        label: isFirst ? (audiences[entry.audience] ?? entry.title) : entry.title,
        page: context => dashboardPage(entry.name, context),
        isDashboard: true,
      };
    });
}

const main = h('main', { id: 'main', tabindex: '-1' });
const toolbar = h('div', { class: 'toolbar', role: 'region', 'aria-label': 'Tools of this page' });
const nav = h('nav', { class: 'tabs', 'aria-label': 'Pages' });
const latest = latestColumn();
const aside = h('aside', { class: 'side', 'aria-label': 'Incidents and news' }, latest.now, provokePanel(), latest.feed);
const drawer = h('button', { type: 'button', class: 'drawer-button', 'aria-expanded': 'false', 'data-testid': 'drawer' }, 'Provoke');

let tabs: readonly Tab[] = fixedTabs;
let shown = '';
let pageScope = newScope();

const defaultTab = () =>
  tabs.find(tab => tab.id === memory.get('tab') && tab.isDashboard) ?? tabs.find(tab => tab.id === 'trader') ?? tabs[0];
const current = () => tabs.find(tab => tab.id === route.get().page) ?? (route.get().page === '' ? defaultTab() : undefined);

function drawTabs(): void {
  const active = current()?.id;
  const search = rangeSearch(range.get());
  replace(
    nav,
    ...tabs.map((tab, index) => {
      const mark = tab.badge?.();
      const href = routeHash({
        page: tab.id,
        search: tab.isDashboard && range.get().kind === 'preset' && route.get().search['range'] !== undefined ? search : {},
      });
      const gap = !tab.isDashboard && tabs[index - 1]?.isDashboard === true;
      return h(
        'a',
        {
          href,
          class: gap ? 'tab after-gap' : 'tab',
          'data-testid': `tab-${tab.id}`,
          'aria-current': tab.id === active ? 'page' : undefined,
        },
        tab.label,
        mark === undefined ? null : h('span', { class: 'badge', 'aria-label': mark.says, role: 'img' }, mark.text),
      );
    }),
  );
}

/** Badges change in place: links keep their focus. */
function updateBadges(): void {
  for (const tab of tabs) {
    if (tab.badge === undefined) continue;
    const link = nav.querySelector(`[data-testid="tab-${tab.id}"]`);
    const mark = tab.badge();
    const old = link?.querySelector('.badge');
    if (mark === undefined) old?.remove();
    else if (old === null || old === undefined)
      link?.append(h('span', { class: 'badge', 'aria-label': mark.says, role: 'img' }, mark.text));
    else {
      setText(old, mark.text);
      old.setAttribute('aria-label', mark.says);
    }
  }
}

function showPage(): void {
  const tab = current();
  const id = tab?.id ?? `?${route.get().page}`;
  if (id === shown) {
    markTab();
    return;
  }
  shown = id;
  pageScope.end();
  pageScope = newScope();
  toolbar.replaceChildren();
  document.body.dataset['page'] = tab?.isDashboard === true ? 'dashboard' : id;
  if (tab === undefined)
    replace(
      main,
      h(
        'p',
        { class: 'page-said' },
        tabs.length === fixedTabs.length ? 'Waiting for the local stack …' : `There is no page named ${route.get().page}.`,
      ),
    );
  else {
    if (tab.isDashboard) memory.set('tab', tab.id);
    replace(main, tab.page({ scope: pageScope, toolbar }));
  }
  markTab();
}

function markTab(): void {
  const active = current()?.id;
  for (const link of nav.querySelectorAll('a')) {
    if (link.dataset['testid'] === `tab-${active}`) link.setAttribute('aria-current', 'page');
    else link.removeAttribute('aria-current');
  }
}

function toggleDrawer(open = drawer.getAttribute('aria-expanded') !== 'true'): void {
  drawer.setAttribute('aria-expanded', String(open));
  document.body.dataset['drawer'] = String(open);
}

function onKey(event: KeyboardEvent): void {
  if (event.key === 'Escape') toggleDrawer(false);
  // Fields of custom widgets stand in shadow trees, which events leave in their host's name.
  const [target] = event.composedPath();
  const isTyping = target instanceof HTMLElement && target.matches('input, select, textarea');
  if (isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
  const tab = /^[1-9]$/.test(event.key) ? tabs[Number(event.key) - 1] : undefined;
  if (tab !== undefined) location.hash = routeHash({ page: tab.id, search: {} });
  if (event.key === 'p') toggleDrawer();
}

async function loadTabs(): Promise<void> {
  try {
    const [entries, now] = await Promise.all([api.dashboards(), api.status()]);
    heard(now);
    const isFile = now.note !== undefined;
    document.body.dataset['shows'] = isFile ? 'file' : 'stack';
    tabs = [...dashboardTabs(entries), ...(isFile ? [] : fixedTabs)];
  } catch {
    setTimeout(loadTabs, 1500);
    return;
  }
  drawTabs();
  shown = '';
  showPage();
}

function start(): void {
  startTheme();
  watchPresses(globalThis, job => setTimeout(job));
  const connect = connectDialog();
  document.body.append(
    h('a', { class: 'skip', href: '#main', on: { click: skip } }, 'Skip to content'),
    banner(),
    header(connect.open),
    h('div', { class: 'bar' }, nav, toolbar, drawer),
    h('div', { class: 'body' }, main, aside),
    connect.element,
  );
  drawer.addEventListener('click', () => toggleDrawer());
  addEventListener('keydown', onKey);
  startRouter();
  startRange();
  startMoments();
  route.onChange(showPage);
  route.onChange(() => countUnread());
  range.onChange(now => nav.setAttribute('data-range', rangeWords(now)));
  for (const source of [alarms, incidents, unread] as const) source.onChange(updateBadges);
  inbox.onChange(countUnread);
  drawTabs();
  startLive();
  void loadTabs();
}

function skip(event: Event): void {
  event.preventDefault();
  main.focus();
}

start();
