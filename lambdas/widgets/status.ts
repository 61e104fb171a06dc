/** Status lights: system, application and trading at a glance, each with what it is made of. */
import type { AlarmNow } from '../../adapters/aws/alarm-states.ts';
import type { Closure } from '../../core/calendar/closures.ts';
import { type CatalogueAlarm, catalogueAlarms } from '../../core/catalogue/alarm-definitions.ts';
import type { Category } from '../../core/catalogue/metric.ts';
import { alarmName, signalAlarmId } from '../../core/catalogue/names.ts';
import type { BotConfig, NightdeskConfig } from '../../core/config/types.ts';
import { closureState, closuresOf, unfinished } from '../../core/health/closure.ts';
import { newHealth } from '../../core/health/initial.ts';
import { type Light, lightOf, lightOrder, lightWords, worstOf } from '../../core/health/lights.ts';
import { silenceRuleOf } from '../../core/health/rules.ts';
import { judgeSilence } from '../../core/health/silence.ts';
import { labelsOf } from '../../core/incidents/labels.ts';
import { type Silence, silencesOf } from '../../core/incidents/silence.ts';
import { isoFromMs } from '../../core/time/instant.ts';
import { type Html, html, nothing } from './html.ts';
import { readSweep, type Shown } from './shown.ts';
import { lightSign } from './style.ts';

interface Group {
  readonly title: string;
  readonly categories: readonly Category[];
}

const groups: readonly Group[] = [
  { title: 'System', categories: ['system'] },
  { title: 'Application', categories: ['application', 'errors'] },
  { title: 'Trading', categories: ['trading'] },
  { title: 'Health', categories: ['health'] },
  { title: 'Nightdesk', categories: ['self'] },
];

interface Lit {
  readonly alarm: CatalogueAlarm;
  readonly light: Light;
  /** Why its page is held back: a silence, or another alarm. */
  readonly quiet?: string;
}

const definedFor = new WeakMap<NightdeskConfig, readonly CatalogueAlarm[]>();

/** All alarms that page, built once for a config. */
function alarmsOf(config: NightdeskConfig): readonly CatalogueAlarm[] {
  let alarms = definedFor.get(config);
  if (alarms === undefined) {
    alarms = catalogueAlarms(config).filter(({ signal }) => !signal);
    definedFor.set(config, alarms);
  }
  return alarms;
}

export async function lights(shown: Shown): Promise<Html> {
  const { config, alarms: states, request, nowMs, actions } = shown;
  const [found, sweep, silences] = await Promise.all([states.read(`${config.stage}-`), readSweep(shown), actions.silences.current(nowMs)]);
  const closed = closuresOf(config, sweep.closures);
  const reporting = new Set(
    request.bots
      .filter(bot => {
        const pulse = sweep.heads.get(bot.heartbeat.strategyId)?.pulse;
        const { status } = judgeSilence(
          sweep.health.get(bot.id)?.value ?? newHealth(nowMs),
          pulse,
          silenceRuleOf(bot, config, closed),
          nowMs,
        ).health;
        return status !== 'new' && status !== 'down' && status !== 'paused';
      })
      .map(({ id }) => id),
  );
  const lit = alarmsOf(config)
    .filter(alarm => isAsked(alarm, request))
    .map(alarm => lightUp(alarm, { config, found, reporting, silences, nowMs }));
  const cards = groups.map(group => card(group, lit, request.theme));
  return html`${unfinished(config, closed, nowMs).map(closure => closureNote(closure, nowMs))}<div class="nd-row">${cards}</div>`;
}

/** What explains grey lights and held pages: a market that is closed, or will be. */
function closureNote(closure: Closure & { readonly author?: string }, nowMs: number): Html {
  const { calendar, fromMs, untilMs, reason, author } = closure;
  const when = { closed: 'is closed', pending: `will be closed from ${timeText(fromMs)}`, over: 'was closed' }[
    closureState(closure, nowMs)
  ];
  return html`<p class="nd-note">${calendar} ${when} until ${timeText(untilMs)}${author === undefined ? ', as planned' : ` by ${author}`}: ${reason}</p>`;
}

const timeText = (at: number) => `${isoFromMs(at).slice(0, 16).replace('T', ' ')} UTC`;

/** Alarms of other bots and strategies than those chosen are left out; those of the whole stage stay. */
function isAsked({ dimensions }: CatalogueAlarm, { bots, strategies }: Shown['request']): boolean {
  const { Bot, Strategy } = dimensions;
  if (Bot !== undefined) return bots.some(({ id }) => id === Bot);
  return Strategy === undefined || strategies.some(({ id }) => id === Strategy);
}

interface Facts {
  readonly config: NightdeskConfig;
  readonly found: ReadonlyMap<string, AlarmNow>;
  readonly reporting: ReadonlySet<string>;
  readonly silences: readonly Silence[];
  readonly nowMs: number;
}

function lightUp(alarm: CatalogueAlarm, { config, found, reporting, silences, nowMs }: Facts): Lit {
  const { definition, dimensions, alarmId, severity } = alarm;
  const own = found.get(definition.name);
  // A composite alarm is OK while the alarm below it has no data: that one knows better.
  const below = found.get(alarmName(config.stage, signalAlarmId(alarmId), dimensions));
  const bot = botOf(alarm, config);
  const light = lightOf({ state: (below ?? own)?.state, severity, isMeasured: bot === undefined || reporting.has(bot.id) });
  const silence = silencesOf(silences, labelsOf({ alarm: definition.name, alarmId, dimensions }, severity), nowMs)[0];
  const suppressor = definition.kind === 'composite' ? definition.suppressor?.alarm : undefined;
  const isHeld = suppressor !== undefined && found.get(suppressor)?.state === 'ALARM';
  const quiet = silence !== undefined ? `silenced by ${silence.author}` : isHeld ? `follows ${suppressor}` : undefined;
  return { alarm, light, ...(quiet === undefined || light === 'green' ? {} : { quiet }) };
}

const botOf = ({ dimensions: { Bot, Strategy } }: CatalogueAlarm, { bots }: NightdeskConfig): BotConfig | undefined =>
  bots.find(bot => bot.id === Bot || (Strategy !== undefined && bot.strategies.some(({ id }) => id === Strategy)));

function card({ title, categories }: Group, all: readonly Lit[], theme: 'light' | 'dark'): Html {
  const own = all.filter(({ alarm }) => categories.includes(alarm.row?.category ?? 'health'));
  const light = worstOf(own.map(each => each.light));
  const titles = [...new Set(own.map(titleOf))];
  const rows = titles
    .map(name => ({ name, own: own.filter(each => titleOf(each) === name) }))
    .toSorted((a, b) => worstFirst(a.own) - worstFirst(b.own))
    .map(each => row(each.name, each.own, theme));
  const counts = lightOrder
    .map(each => ({ each, count: own.filter(lit => lit.light === each).length }))
    .filter(({ count }) => count > 0)
    .map(({ each, count }) => `${count} ${lightWords[each]}`)
    .join(', ');
  return html`<div class="nd-card"><h4>${lightSign(light, theme, `${title}: ${lightWords[light]}`, 18)} ${title}: ${lightWords[light]}</h4><span class="nd-muted">${counts === '' ? 'no alarms' : counts}</span><ul class="nd-list">${rows}</ul></div>`;
}

const titleOf = ({ alarm }: Lit): string => alarm.row?.metric.title ?? 'All bots silent';
const worstFirst = (own: readonly Lit[]): number => lightOrder.indexOf(worstOf(own.map(({ light }) => light)));

/** Names of alarms that a row has room for. */
const NAMED = 3;

function row(name: string, own: readonly Lit[], theme: 'light' | 'dark'): Html {
  const light = worstOf(own.map(each => each.light));
  const worst = own.filter(each => each.light === light);
  const owners = worst.map(({ alarm, quiet }) => {
    const owner = Object.values(alarm.dimensions)[0] ?? alarm.alarmId;
    return quiet === undefined ? owner : `${owner} (${quiet})`;
  });
  const distinct = [...new Set(owners)];
  const named =
    distinct.length > NAMED ? `${distinct.slice(0, NAMED).join(', ')} and ${distinct.length - NAMED} more` : distinct.join(', ');
  // Who is not measured stands in the hint; who fires is named.
  const who = light === 'green' || light === 'grey' ? nothing : html` <span class="nd-muted">${named}</span>`;
  return html`<li>${lightSign(light, theme, `${name}: ${lightWords[light]}`)}<span title="${light === 'green' ? name : `${lightWords[light]}: ${distinct.join(', ').slice(0, 500)}`}">${name}${who}</span><span class="nd-number nd-muted">${light === 'green' ? `${own.length}` : `${worst.length} of ${own.length}`}</span></li>`;
}
