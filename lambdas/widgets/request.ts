/** What a dashboard asks a widget for. Everything in it comes from outside and is bounded here. */
import { chosen, meansAll } from '../../core/catalogue/dashboard-variables.ts';
import { asArray, asNumber, asObject, asText, type JsonObject } from '../../core/cloudwatch/loose-json.ts';
import type { BotConfig, NightdeskConfig, StrategyConfig } from '../../core/config/types.ts';

export interface WidgetRequest {
  readonly widget: string;
  /** Strategies that are asked for, with their bots, in the order of the config. */
  readonly strategies: readonly StrategyConfig[];
  /** The same without regard to the venue. */
  readonly anywhere: readonly StrategyConfig[];
  /** The venue that is asked for; undefined is all. */
  readonly venue: string | undefined;
  readonly bots: readonly BotConfig[];
  /** From 1. */
  readonly page: number;
  readonly fromMs: number;
  readonly toMs: number;
  /** Minutes that the reader's clock is ahead of UTC. */
  readonly offsetMinutes: number;
  readonly zone: string;
  readonly theme: 'light' | 'dark';
  /** Pixels of the widget's box. */
  readonly width: number;
  readonly height: number;
  /** What the widget was configured with, for buttons that call it again. */
  readonly parameters: Readonly<Record<string, string>>;
  /** Set when a button was pressed. */
  readonly action?: string;
  readonly incident?: string;
  /** Of this function, for buttons. */
  readonly endpoint: string;
}

/** Ranges beyond this are cut: older than anything that is kept. */
const LONGEST_MS = 11 * 366 * 86_400_000;
const HOUR_MS = 3_600_000;
/** Longest parameter that is read; longer ones name nothing of ours. */
const PARAMETER = 300;

/**
 * Reads an event. Parameters come at the top level and again in `widgetContext.params`; those of a pressed button only at the top level,
 * which therefore wins. Source: CloudWatch user guide, "Details about custom widgets".
 */
export function readRequest(
  event: unknown,
  { config, nowMs, endpoint }: { readonly config: NightdeskConfig; readonly nowMs: number; readonly endpoint: string },
): WidgetRequest {
  const input = asObject(event) ?? {};
  const context = asObject(input['widgetContext']) ?? {};
  const params: JsonObject = { ...asObject(context['params']), ...input };
  const text = (name: string): string | undefined => {
    const value = asText(params[name]);
    return value === undefined || value.length > PARAMETER ? undefined : value;
  };
  const zone = asObject(context['timezone']);
  const action = text('action');
  const incident = text('incident');
  return {
    widget: text('widget') ?? 'positions',
    ...chosenOf(params, text, config),
    page: Math.min(1e6, Math.max(1, Math.floor(asNumber(params['page']) ?? 1))),
    ...rangeOf(context, nowMs),
    offsetMinutes: Math.max(-1_440, Math.min(1_440, Math.round(asNumber(zone?.['offsetInMinutes']) ?? 0))),
    zone: (asText(zone?.['label']) ?? 'UTC').slice(0, 30),
    theme: context['theme'] === 'dark' ? 'dark' : 'light',
    width: pixels(context['width'], 800, 4_000),
    height: pixels(context['height'], 400, 4_000),
    parameters: Object.fromEntries(Object.keys(chosen).flatMap(name => (text(name) === undefined ? [] : [[name, text(name)!]]))),
    endpoint,
    ...(action === undefined ? {} : { action }),
    ...(incident === undefined ? {} : { incident }),
  };
}

const pixels = (value: unknown, usual: number, most: number): number => {
  const number = asNumber(value);
  return number === undefined || number < 50 ? usual : Math.min(most, number);
};

/** The zoomed part of the range where there is one; at least a minute, never a future that nobody has seen. */
function rangeOf(context: JsonObject, nowMs: number): { readonly fromMs: number; readonly toMs: number } {
  const whole = asObject(context['timeRange']) ?? {};
  const range = asObject(whole['zoom']) ?? whole;
  const to = Math.min(nowMs, asNumber(range['end']) ?? nowMs);
  const toMs = Math.max(to, nowMs - LONGEST_MS);
  const from = asNumber(range['start']) ?? toMs - 3 * HOUR_MS;
  return { toMs, fromMs: Math.min(toMs - 60_000, Math.max(from, toMs - LONGEST_MS)) };
}

function chosenOf(
  params: JsonObject,
  text: (name: string) => string | undefined,
  config: NightdeskConfig,
): Pick<WidgetRequest, 'strategies' | 'anywhere' | 'bots' | 'venue'> {
  const listed = new Set(asArray(params['strategies']).flatMap(id => asText(id) ?? []));
  const matches = (name: string, value: string | undefined): boolean => meansAll(text(name), config.stage) || text(name) === value;
  const bots = config.bots.filter(bot => matches('bot', bot.id));
  const anywhere = bots.flatMap(bot => bot.strategies).filter(({ id }) => (listed.size === 0 || listed.has(id)) && matches('strategy', id));
  const strategies = anywhere.filter(({ venue }) => matches('venue', venue));
  const withStrategies = new Set(strategies.map(({ botId }) => botId));
  const venue = meansAll(text('venue'), config.stage) ? undefined : text('venue');
  return {
    strategies,
    anywhere,
    bots: bots.filter(({ id }) => withStrategies.has(id)),
    venue,
  };
}

/** A time as the reader's clock shows it: `11-28 15:04`, with seconds where they matter. */
export function clockText(
  ms: number,
  { offsetMinutes }: Pick<WidgetRequest, 'offsetMinutes'>,
  form: 'day' | 'minute' | 'full' = 'minute',
): string {
  const local = new Date(ms + offsetMinutes * 60_000);
  if (Number.isNaN(local.getTime())) return '–';
  const iso = local.toISOString();
  if (form === 'day') return iso.slice(0, 10);
  return form === 'minute' ? iso.slice(5, 16).replace('T', ' ') : iso.slice(0, 19).replace('T', ' ');
}
