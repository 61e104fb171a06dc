/** The order book as plain JSON. */
import { hashText, readHashText } from '../hash.ts';
import { type Decimal, zero } from '../money/decimal.ts';
import type { EpochNs } from '../time/instant.ts';
import { decodeFlows, encodeFlows, type FlowText } from './flow.ts';
import { decodeSketch, emptySketch, encodeSketch, type SketchText } from './latency-sketch.ts';
import { decodeMinute, encodeMinute, type MinuteText } from './minutes.ts';
import type { OrderBook, Refusals, TrackedOrder } from './order-book.ts';
import { decodeQuality, encodeQuality } from './quality.ts';
import { decodeLately, encodeLately, type LatelyText } from './repeats.ts';

type DecimalText = readonly [units: string, scale: number];
const decimalText = (value: Decimal): DecimalText => [value.units.toString(), value.scale];
const readDecimal = (text: DecimalText): Decimal => ({ units: BigInt(text[0]), scale: text[1] });
const readTime = (text: string | 0): EpochNs | undefined => (text === 0 ? undefined : BigInt(text));

/** Plain JSON of the whole book. */
export function encodeOrderBook(book: OrderBook): OrderBookText {
  return {
    ...(book.open.size === 0 ? {} : { open: [...book.open].map(openText) }),
    ...(book.ended.size === 0 ? {} : { ended: [...book.ended].map(hashText).join(' ') }),
    counts: [
      book.submitted,
      book.accepted,
      book.rejected,
      book.denied,
      book.cancelRejected,
      book.endedCount,
      book.negativeLatencies,
      book.backwards,
      book.filledWhole,
      book.filledPartly,
      book.rejectRun,
      book.overfilled,
    ],
    ...whenAny(
      'refusals',
      refusalNames.map(name => book.refusals[name]),
    ),
    ...(book.endedQuantity.units === 0n ? {} : { endedQuantity: decimalText(book.endedQuantity) }),
    ...(book.endedFilled.units === 0n ? {} : { endedFilled: decimalText(book.endedFilled) }),
    ...(book.ackLatency.count === 0 ? {} : { ack: encodeSketch(book.ackLatency) }),
    ...(book.fillLatency.count === 0 ? {} : { fill: encodeSketch(book.fillLatency) }),
    ...(book.cancelLatency.count === 0 ? {} : { cancel: encodeSketch(book.cancelLatency) }),
    ...(book.recent.length === 0 ? {} : { recent: book.recent.map(encodeMinute) }),
    ...(book.lately.length === 0 ? {} : { lately: encodeLately(book.lately) }),
    ...(book.flows.size === 0 ? {} : { flows: encodeFlows(book.flows) }),
    ...whenAny('quality', encodeQuality(book.quality)),
  };
}

const openText = ([key, order]: readonly [string, TrackedOrder]): OpenText => [
  key,
  order.instrumentId,
  order.side,
  order.quantity === undefined ? 0 : decimalText(order.quantity),
  decimalText(order.stated),
  decimalText(order.filled),
  [order.submittedAt, order.ackedAt, order.firstFillAt, order.pendingSince, order.statedAt].map(time => time?.toString() ?? 0),
  (order.accepted ? 1 : 0) + (order.hasAckLatency ? 2 : 0) + (order.hasFillLatency ? 4 : 0) + (order.isSuspended === true ? 8 : 0),
  ...factsOf(order),
];

/** Nothing takes no bytes. */
function whenAny<K extends 'refusals' | 'quality'>(name: K, numbers: readonly number[]): Partial<Record<K, readonly number[]>> {
  return numbers.some(number => number !== 0) ? ({ [name]: numbers } as Partial<Record<K, readonly number[]>>) : {};
}

const refusalNames = ['venue', 'risk', 'local', 'cancel', 'replace'] as const satisfies readonly (keyof Refusals)[];

/** What few orders have, and only those that do: sums of executions, prices to measure against, slices. */
interface OpenFacts {
  readonly n?: DecimalText;
  /** Null once a fee has no rate. */
  readonly f?: number | null;
  readonly a?: DecimalText;
  readonly d?: DecimalText;
  readonly p?: string;
  readonly s?: DecimalText;
}

function factsOf({ notional, fees, arrivalMid, decisionPx, parent, sliced }: TrackedOrder): readonly [] | readonly [OpenFacts] {
  const facts: OpenFacts = {
    ...(notional.units === 0n ? {} : { n: decimalText(notional) }),
    ...(fees === 0 ? {} : { f: Number.isNaN(fees) ? null : fees }),
    ...(arrivalMid === undefined ? {} : { a: decimalText(arrivalMid) }),
    ...(decisionPx === undefined ? {} : { d: decimalText(decisionPx) }),
    ...(parent === undefined ? {} : { p: parent }),
    ...(sliced === undefined ? {} : { s: decimalText(sliced) }),
  };
  return Object.keys(facts).length === 0 ? [] : [facts];
}

type OpenText = readonly [
  key: string,
  instrumentId: string,
  side: 'buy' | 'sell',
  quantity: DecimalText | 0,
  stated: DecimalText,
  filled: DecimalText,
  times: readonly (string | 0)[],
  flags: number,
  facts?: OpenFacts,
];

/** What is empty is absent, and so is what an older release did not store. */
export interface OrderBookText {
  readonly open?: readonly OpenText[];
  readonly ended?: string;
  readonly counts: readonly number[];
  readonly endedQuantity?: DecimalText;
  readonly endedFilled?: DecimalText;
  readonly ack?: SketchText;
  readonly fill?: SketchText;
  readonly recent?: readonly MinuteText[];
  readonly refusals?: readonly number[];
  readonly cancel?: SketchText;
  readonly lately?: LatelyText | 0;
  readonly flows?: readonly FlowText[];
  readonly quality?: readonly number[];
}

export function decodeOrderBook(text: OrderBookText, limits: OrderBook['limits']): OrderBook {
  const [submitted = 0, accepted = 0, rejected = 0, denied = 0, cancelRejected = 0, endedCount = 0, negativeLatencies = 0, ...later] =
    text.counts;
  const [backwards = 0, filledWhole = 0, filledPartly = 0, rejectRun = 0, overfilled = 0] = later;
  const [venue = 0, risk = 0, local = 0, cancel = 0, replace = 0] = text.refusals ?? [];
  return {
    open: new Map(text.open?.map(row => [row[0], readOpen(row)])),
    ended: new Set(text.ended === undefined || text.ended === '' ? [] : text.ended.split(' ').map(readHashText)),
    limits,
    submitted,
    accepted,
    rejected,
    denied,
    cancelRejected,
    refusals: { venue, risk, local, cancel, replace },
    rejectRun,
    endedCount,
    filledWhole,
    filledPartly,
    negativeLatencies,
    backwards,
    overfilled,
    endedQuantity: text.endedQuantity === undefined ? zero : readDecimal(text.endedQuantity),
    endedFilled: text.endedFilled === undefined ? zero : readDecimal(text.endedFilled),
    ackLatency: readSketch(text.ack),
    fillLatency: readSketch(text.fill),
    cancelLatency: readSketch(text.cancel),
    recent: text.recent?.map(decodeMinute) ?? [],
    lately: decodeLately(text.lately),
    flows: decodeFlows(text.flows),
    quality: decodeQuality(text.quality),
  };
}

const readSketch = (text: SketchText | undefined) => (text === undefined ? emptySketch() : decodeSketch(text));

function readOpen([key, instrumentId, side, quantity, stated, filled, times, flags, facts = {}]: OpenText): TrackedOrder {
  const [submittedAt, ackedAt, firstFillAt, pendingSince, statedAt] = times.map(readTime);
  return {
    accountId: key.slice(0, key.indexOf('\u0001')),
    instrumentId,
    side,
    stated: readDecimal(stated),
    filled: readDecimal(filled),
    notional: facts.n === undefined ? zero : readDecimal(facts.n),
    fees: facts.f === null ? Number.NaN : (facts.f ?? 0),
    accepted: (flags & 1) !== 0,
    hasAckLatency: (flags & 2) !== 0,
    hasFillLatency: (flags & 4) !== 0,
    ...((flags & 8) === 0 ? {} : { isSuspended: true }),
    ...(quantity === 0 ? {} : { quantity: readDecimal(quantity) }),
    ...(submittedAt === undefined ? {} : { submittedAt }),
    ...(ackedAt === undefined ? {} : { ackedAt }),
    ...(firstFillAt === undefined ? {} : { firstFillAt }),
    ...(pendingSince === undefined ? {} : { pendingSince }),
    ...(statedAt === undefined ? {} : { statedAt }),
    ...(facts.a === undefined ? {} : { arrivalMid: readDecimal(facts.a) }),
    ...(facts.d === undefined ? {} : { decisionPx: readDecimal(facts.d) }),
    ...(facts.p === undefined ? {} : { parent: facts.p }),
    ...(facts.s === undefined ? {} : { sliced: readDecimal(facts.s) }),
  };
}
