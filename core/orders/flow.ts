/** Messages and trades of each instrument in the running session, for the order-to-trade ratio. */
import { add, type Decimal, toApproximate, zero } from '../money/decimal.ts';
import { orderToTradeRatio } from '../performance/execution-quality.ts';

export interface Flow {
  readonly day: number;
  added: number;
  modified: number;
  deleted: number;
  trades: number;
  ordered: Decimal;
  traded: Decimal;
}

/** By instrument. A new day begins anew; what comes late for an older one is left out. */
export type Flows = Map<string, Flow>;

/** Beyond it the instrument that was touched first is forgotten. */
const keptInstruments = 50;

export function flowOf(flows: Flows, instrumentId: string, day: number): Flow | undefined {
  const known = flows.get(instrumentId);
  if (known !== undefined && known.day >= day) return known.day === day ? known : undefined;
  const fresh: Flow = { day, added: 0, modified: 0, deleted: 0, trades: 0, ordered: zero, traded: zero };
  flows.set(instrumentId, fresh);
  if (flows.size > keptInstruments) flows.delete(flows.keys().next().value!);
  return fresh;
}

export interface InstrumentRatio {
  readonly instrumentId: string;
  readonly day: number;
  readonly byNumber?: number;
  readonly byVolume?: number;
}

/** (additions + deletions + 2 × modifications) ÷ trades − 1, and the same of quantities (RTS 9); without trades there is no ratio. */
export function orderToTradeRatios(flows: Flows): readonly InstrumentRatio[] {
  return [...flows].map(([instrumentId, { day, added, modified, deleted, trades, ordered, traded }]) => ({
    instrumentId,
    day,
    ...orderToTradeRatio({
      added,
      modified,
      deleted,
      transactions: trades,
      orderVolume: toApproximate(ordered),
      tradedVolume: toApproximate(traded),
    }),
  }));
}

/** The highest ratio by number of the day; undefined before a trade. */
export function highestRatio(flows: Flows, day: number): number | undefined {
  const known = orderToTradeRatios(flows).flatMap(row => (row.day === day && row.byNumber !== undefined ? [row.byNumber] : []));
  return known.length === 0 ? undefined : Math.max(...known);
}

export const addQuantity = (flow: Flow, what: 'ordered' | 'traded', quantity: Decimal): void => {
  flow[what] = add(flow[what], quantity);
};

export type FlowText = readonly [
  instrumentId: string,
  day: number,
  counts: readonly number[],
  ordered: readonly [string, number],
  traded: readonly [string, number],
];

export const encodeFlows = (flows: Flows): readonly FlowText[] =>
  [...flows].map(([id, { day, added, modified, deleted, trades, ordered, traded }]) => [
    id,
    day,
    [added, modified, deleted, trades],
    [ordered.units.toString(), ordered.scale],
    [traded.units.toString(), traded.scale],
  ]);

export const decodeFlows = (rows: readonly FlowText[] = []): Flows =>
  new Map(
    rows.map(([id, day, [added = 0, modified = 0, deleted = 0, trades = 0], ordered, traded]) => [
      id,
      {
        day,
        added,
        modified,
        deleted,
        trades,
        ordered: { units: BigInt(ordered[0]), scale: ordered[1] },
        traded: { units: BigInt(traded[0]), scale: traded[1] },
      },
    ]),
  );
