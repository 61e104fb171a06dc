import type { Resources } from '../../bot/index.ts';
import { parseDecimal, unitsAt } from '../../core/money/decimal.ts';
import { equityAt, openBook } from './book.ts';
import { type Instrument, money, moneyScale, unitsOf } from './instrument.ts';
import type { Candle, CandleSource } from './market.ts';
import { type OrderRequest, openOrderDesk } from './order-desk.ts';
import { createRandom, hashText } from './random.ts';
import { openSession, type Step } from './session.ts';
import { simulatedResources } from './simulated-resources.ts';
import type { Strategy, Wish } from './strategy.ts';
import type { Bar, Trouble, VenueProfile } from './venue.ts';

export interface PaperBotOptions {
  readonly seed: number;
  readonly strategyId: string;
  readonly accountId: string;
  readonly venue: VenueProfile;
  readonly instrument: Instrument;
  readonly strategy: Strategy;
  /** Largest position in quote currency; the strategy asks for at most this. */
  readonly largest: number;
  /** Starting equity, a decimal of the quote currency. */
  readonly capital: string;
  readonly candles: CandleSource;
  /** Takes one event or log line. */
  readonly emit: (line: string) => void;
  /** Length of a bar; absent means one minute. */
  readonly intervalMs?: number;
  /** Part of all ids, so that two runs never share one; absent means `1`. */
  readonly runId?: string;
  /** Absent means simulated ones. */
  readonly resources?: () => Resources;
  /** `all` for a bot that lives; `ledger` has marks and account each hour and no heartbeats, positions, errors or logs, for a history to be folded. Absent means all. */
  readonly detail?: 'all' | 'ledger';
}

/** Where a flat account stands, so that another run can carry on. */
export interface HandOver {
  /** Equity, a decimal of the quote currency. */
  readonly capital: string;
  readonly lastPrice: number;
}

export interface PaperBot {
  readonly strategyId: string;
  /** Trades through one more bar, which ends at `nowMs`. False when there are no more candles. */
  readonly step: (nowMs: number) => boolean;
  /** Stops without a word, as a killed process does. The market goes on. */
  readonly die: () => void;
  /** Starts a new process: open orders are gone, the position is still there. */
  readonly revive: () => void;
  readonly isAlive: () => boolean;
  /** The feed stops: prices stay as they are and nothing is decided. */
  readonly staleFeed: (on: boolean) => void;
  /** The venue refuses nine orders in ten while the bot keeps quoting. */
  readonly rejectOrders: (on: boolean) => void;
  /** The venue takes seconds to answer while the bot keeps quoting. */
  readonly slowAcks: (on: boolean) => void;
  /** The bot trades to and fro in a nearly empty book and ignores its own limit. */
  readonly loseMoney: (on: boolean) => void;
  /** Sends the newest fill once more, byte for byte. False when there is none. */
  readonly repeatLastFill: () => boolean;
  /** Equity at the last mark as a decimal. */
  readonly equity: () => string;
  /** Closes the position at the market within the bar that ends at `nowMs`; until then the account cannot be handed over. */
  readonly flatten: (nowMs: number) => void;
  /** Undefined while a position is open. */
  readonly handOver: () => HandOver | undefined;
}

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const accountEveryMs = 5 * minuteMs;
const positionEveryMs = 15 * minuteMs;
const fundingEveryMs = 480 * minuteMs;
const dayMs = 1440 * minuteMs;

/** Bars that a passive order rests before the bot asks again. */
const restingBars = 3;
/** Differences below this share of the largest position are not worth an order. */
const deadBand = 0.1;
/** The bot halts itself for the rest of the day after losing this share of its capital, in percent. */
const haltAfterPercent = 4n;
/** Orders per bar that keep a broken venue visible. */
const probesPerBar = 6;
/** Share of the largest position that `loseMoney` trades to and fro, and the slippage that it meets each way. */
const losing = { share: 0.5, slippage: 0.03 };

export function createPaperBot(options: PaperBotOptions): PaperBot {
  const { strategyId, accountId, venue, instrument, strategy, candles, seed, intervalMs = minuteMs, runId = '1' } = options;
  const isFull = options.detail !== 'ledger';
  const units = unitsOf(instrument);
  const capital = unitsAt(parseDecimal(options.capital), moneyScale);
  const session = openSession({ strategyId, accountId, runId, emit: options.emit });
  const book = openBook(capital);
  const idPrefix = `${strategyId}-${runId}`;
  const desk = openOrderDesk({ session, instrument, units, venue, book, idPrefix, random: createRandom(seed, `${idPrefix}/venue`) });
  const chance = createRandom(seed, `${idPrefix}/chance`);
  const simulated = simulatedResources(createRandom(seed, `${idPrefix}/resources`));
  const gitSha = hashText(`${strategyId}/code`).toString(16).padStart(8, '0');
  const configHash = hashText(JSON.stringify([instrument, venue, options.largest]))
    .toString(16)
    .padStart(8, '0');

  let process: 'new' | 'starting' | 'running' | 'dead' = 'new';
  let bornMs = 0;
  let mark = 0;
  let lastMessageMs = 0;
  let wish: Wish | undefined;
  let isStale = false;
  let isHalted = false;
  let wasFlat = true;
  let dayStart = capital;
  let trouble: Trouble = { rejecting: false, slow: false, slippage: 0 };

  const largestLots = () => Math.max(1, units.lotsOf(options.largest / Number(units.price(mark))));

  const barOf = (candle: Candle, closeMs: number): Bar => ({
    openMs: closeMs - intervalMs,
    closeMs,
    open: units.ticksOf(candle.open),
    high: units.ticksOf(candle.high),
    low: units.ticksOf(candle.low),
    close: units.ticksOf(candle.close),
  });

  const emitAccount = () => {
    const equity = money(equityAt(book, units, mark));
    const balances = [{ currency: instrument.quoteCurrency, total: money(book.cash) }];
    session.emitter().account({ equity, currency: instrument.quoteCurrency, balances, origin: 'venue' });
  };

  const emitPosition = () => {
    if (book.lots === 0 && wasFlat) return;
    wasFlat = book.lots === 0;
    session.emitter().position({
      instrumentId: instrument.instrumentId,
      qty: units.qty(book.lots),
      ...(book.lots === 0 ? {} : { avgPx: units.averagePrice(book.cost, book.lots) }),
      markPx: units.price(mark),
      currency: instrument.quoteCurrency,
      origin: 'venue',
    });
  };

  const emitHeartbeat = (status: 'starting' | 'ok' | 'degraded') => {
    const nowMs = session.nowMs();
    session.emitter().heartbeat({
      component: 'trader',
      status,
      intervalMs,
      uptimeMs: nowMs - bornMs,
      loopLagMs: Math.round((0.4 + 3 * chance.next() ** 8) * 100) / 100,
      queueDepth: Math.floor(4 * chance.next() ** 4),
      gitSha,
      configHash,
      openOrders: desk.resting().length,
      tradingState: isHalted ? 'halted' : 'active',
      resources: options.resources?.() ?? simulated(nowMs),
      runId: session.instanceId(),
    });
  };

  const emitMarketData = () => {
    const messages = isStale ? 0 : chance.between(180, 420) * Math.ceil(intervalMs / minuteMs);
    const p50 = 900 + Math.round(400 * chance.next());
    session.emitter().marketData({
      instrumentId: instrument.instrumentId,
      feed: `${venue.name}-trades`,
      tsLastMessage: new Date(lastMessageMs),
      messages,
      gaps: 0,
      ...(isStale ? {} : { latencyUs: { count: messages, min: Math.round(p50 * 0.4), p50, p99: p50 * 6, max: p50 * 11 } }),
      bid: units.price(mark - 1),
      ask: units.price(mark + 1),
      mark: units.price(mark),
    });
  };

  const start = (atMs: number) => {
    const isFirst = process === 'new';
    process = 'running';
    bornMs = atMs;
    const emitter = session.emitter();
    if (isFirst) {
      emitter.reference({
        instrumentId: instrument.instrumentId,
        kind: 'instrument',
        tickSize: instrument.tickSize,
        lotSize: instrument.lotSize,
        multiplier: '1',
        inverse: false,
        baseCurrency: instrument.baseCurrency,
        quoteCurrency: instrument.quoteCurrency,
        settlCurrency: instrument.quoteCurrency,
        calendar: '24x7',
      });
      emitAccount();
    } else desk.cancelAll();
    if (!isFull) return;
    emitter.control({ action: 'deploy', actor: 'paper-bot', reason: isFirst ? 'first start' : 'restart after a crash', after: gitSha });
    emitHeartbeat('starting');
  };

  const payFunding = (atMs: number) => {
    if (!instrument.isPerpetual || book.lots === 0 || mark === 0) return;
    const rate = BigInt(Math.round(100 + 60 * chance.gaussian())); // millionths of the notional, about 0.01 % each time
    const amount = (-units.notional(mark, book.lots) * rate) / 1_000_000n;
    if (amount === 0n) return;
    book.cash += amount;
    session.emitter().cash({
      cashType: 'funding',
      amount: money(amount),
      currency: instrument.quoteCurrency,
      refId: `${idPrefix}-funding-${new Date(atMs).toISOString().slice(0, 13)}`,
      instrumentId: instrument.instrumentId,
    });
  };

  const fundingSteps = (bar: Bar): Step[] => {
    const atMs = Math.floor((bar.closeMs - 1) / fundingEveryMs) * fundingEveryMs;
    return atMs >= bar.openMs ? [{ atMs, run: () => payFunding(atMs) }] : [];
  };

  const guard = () => {
    const nowMs = session.nowMs();
    const equity = equityAt(book, units, mark);
    if (nowMs % dayMs < intervalMs) {
      dayStart = equity;
      if (isHalted && isFull) session.emitter().control({ action: 'resume', actor: 'risk-guard', reason: 'new day' });
      isHalted = false;
    }
    if (isHalted || trouble.slippage > 0 || (dayStart - equity) * 100n < capital * haltAfterPercent) return;
    isHalted = true;
    wish = { notional: 0, urgent: true, reason: 'halted by the risk guard' };
    if (!isFull) return;
    const reason = `lost ${money(dayStart - equity)} ${instrument.quoteCurrency} today`;
    session.emitter().control({ action: 'halt', actor: 'risk-guard', reason, target: strategyId });
    session.emitter().log.error('risk guard halted trading until tomorrow', { reason });
  };

  const misfortune = () => {
    const perDay = intervalMs / dayMs;
    const draw = chance.next();
    if (draw < 4 * perDay) {
      session.emitter().error({
        severity: 'warning',
        code: 'FEED_RECONNECT',
        message: 'trade feed reconnected after a ping timeout',
        component: 'feed',
        retryable: true,
      });
    } else if (draw < 4.5 * perDay) {
      const cause = {
        exceptionType: 'TimeoutError',
        stackHash: hashText('snapshot').toString(16),
        stack: 'TimeoutError: order snapshot\n    at refresh (orders.ts:88)',
      };
      session.emitter().error({
        severity: 'error',
        code: 'SNAPSHOT_TIMEOUT',
        message: 'order snapshot took longer than 5000 ms',
        component: 'orders',
        retryable: true,
        ...cause,
      });
    }
  };

  const decide = (bar: Bar) => {
    const held = Math.max(-1, Math.min(1, book.lots / largestLots()));
    const next = strategy.onClose(Number(units.price(bar.close)), held);
    if (isHalted) return;
    if (isFull && next !== undefined && Math.sign(next.notional) !== Math.sign(wish?.notional ?? 0)) {
      session.emitter().log.info(`position wanted: ${next.notional.toFixed(0)} ${instrument.quoteCurrency}`, { reason: next.reason });
    }
    wish = next;
  };

  const report = (bar: Bar) => {
    if (!isStale) {
      mark = bar.close;
      lastMessageMs = bar.closeMs - chance.between(20, 400);
    }
    const isDue = (everyMs: number) => bar.closeMs % everyMs < intervalMs;
    if (isFull || isDue(hourMs)) emitMarketData();
    guard();
    if (isFull && isDue(positionEveryMs)) emitPosition();
    if (isDue(isFull ? accountEveryMs : hourMs)) emitAccount();
    if (isFull) {
      misfortune();
      emitHeartbeat(isStale ? 'degraded' : 'ok');
    }
    if (!isStale) decide(bar);
  };

  /** Orders that turn the position into the one wanted. Empty while the resting ones already do. */
  const requestsFor = (bar: Bar): { readonly requests: OrderRequest[]; readonly resting: 'keep' | 'cancel' } => {
    if (wish === undefined || isStale) return { requests: [], resting: 'keep' };
    const most = largestLots();
    const target = Math.max(-most, Math.min(most, units.lotsOf(wish.notional / Number(units.price(mark)))));
    const difference = target - book.lots;
    const side = difference > 0 ? 'buy' : 'sell';
    const isWorthIt = target === 0 ? difference !== 0 : Math.abs(difference) >= most * deadBand;
    if (!isWorthIt) return { requests: [], resting: 'cancel' };
    const isUnderWay = !wish.urgent && desk.resting().some(order => order.side === side);
    if (isUnderWay) return { requests: [], resting: 'keep' };
    const request = {
      side,
      lots: Math.abs(difference),
      reduceOnly: target === 0,
      lifeMs: wish.urgent ? intervalMs : restingBars * intervalMs,
      ...(wish.urgent ? {} : { limitTicks: side === 'buy' ? bar.open - 1 : bar.open + 1 }),
    } as const;
    return { requests: [request], resting: 'cancel' };
  };

  /** Small quotes far from the market, so that a venue in trouble shows in every bar. */
  const probes = (bar: Bar): OrderRequest[] => {
    if (!trouble.rejecting && !trouble.slow) return [];
    const lots = Math.max(1, Math.round(largestLots() * 0.02));
    return Array.from({ length: probesPerBar }, (_, at) => {
      const side = at % 2 === 0 ? ('buy' as const) : ('sell' as const);
      return { side, lots, reduceOnly: false, lifeMs: intervalMs / 2, limitTicks: Math.round(bar.open * (side === 'buy' ? 0.9 : 1.1)) };
    });
  };

  const churn = (): OrderRequest[] => {
    if (trouble.slippage === 0) return [];
    const lots = Math.max(1, Math.round(largestLots() * losing.share));
    return (['buy', 'sell'] as const).map(side => ({ side, lots, reduceOnly: false, lifeMs: intervalMs }));
  };

  const barSteps = (bar: Bar): Step[] => {
    const { requests, resting } = requestsFor(bar);
    const all = [...requests, ...probes(bar), ...churn()];
    return [...fundingSteps(bar), ...desk.trade(bar, all, trouble, resting)];
  };

  const runBar = (bar: Bar) => {
    if (mark === 0) mark = bar.open;
    if (process === 'new' || process === 'starting') session.play([{ atMs: bar.openMs, run: () => start(bar.openMs) }]);
    session.play(barSteps(bar));
    session.play([{ atMs: bar.closeMs, run: () => report(bar) }]);
  };

  return {
    strategyId,
    step: nowMs => {
      const candle = candles();
      if (candle === undefined) return false;
      if (process !== 'dead') runBar(barOf(candle, nowMs));
      return true;
    },
    die: () => {
      process = 'dead';
    },
    revive: () => {
      if (process !== 'dead') return;
      process = 'starting';
      session.restart();
    },
    isAlive: () => process !== 'dead',
    staleFeed: on => {
      isStale = on;
    },
    rejectOrders: on => {
      trouble = { ...trouble, rejecting: on };
    },
    slowAcks: on => {
      trouble = { ...trouble, slow: on };
    },
    loseMoney: on => {
      trouble = { ...trouble, slippage: on ? losing.slippage : 0 };
    },
    repeatLastFill: () => {
      const line = desk.lastFill();
      if (line !== undefined) session.write(line);
      return line !== undefined;
    },
    equity: () => money(equityAt(book, units, mark)),
    flatten: nowMs => {
      wish = { notional: 0, urgent: true, reason: 'flattened' };
      const bar: Bar = { openMs: nowMs - intervalMs, closeMs: nowMs, open: mark, high: mark, low: mark, close: mark };
      session.play(barSteps(bar));
      session.play([{ atMs: nowMs, run: emitAccount }]);
    },
    handOver: () => (book.lots === 0 ? { capital: money(book.cash), lastPrice: Number(units.price(mark)) } : undefined),
  };
}
