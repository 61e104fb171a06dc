/** What the newest commit of a strategy was made of: its messages, which may be delivered again, and what it had to tell. */
import { asObject, parseJson } from '../../core/cloudwatch/loose-json.ts';
import { hash53, hashText } from '../../core/hash.ts';
import type { Finding } from '../../core/ledger/finding.ts';
import type { FoldResult, LatencySketches } from '../../core/ledger/fold.ts';
import type { Counts } from '../../core/ledger/state.ts';
import { decodeSketch, emptySketch, encodeSketch, mergeSketch, type SketchText } from '../../core/orders/latency-sketch.ts';

export interface Report {
  readonly counts: Readonly<Counts>;
  /** The first of them. */
  readonly findings: readonly Finding[];
  readonly findingCount: number;
  readonly latencies: LatencySketches;
}

export interface LastBatch {
  /** Keys of its messages. */
  readonly messages: readonly string[];
  readonly report: Report;
}

const keptFindings = 20;

/** The same for every delivery of a message. */
export const messageKey = (messageId: string, body: string): string => hashText(hash53(`${messageId}\u0001${body}`));

const nothing: Report = {
  counts: { accepted: 0, duplicates: 0, conflicting: 0, late: 0 },
  findings: [],
  findingCount: 0,
  latencies: { orderAck: emptySketch(), orderFill: emptySketch(), marketData: emptySketch() },
};

export const noBatch: LastBatch = { messages: [], report: nothing };

/** What a fold has to tell, after what an earlier commit of some of the same messages may not have told. */
export function reportOf({ counts, findings, latencies }: FoldResult, untold: Report = nothing): Report {
  const merged = (kind: keyof LatencySketches) => {
    const sum = emptySketch();
    for (const sketch of [untold.latencies[kind], latencies[kind]]) mergeSketch(sum, sketch);
    return sum;
  };
  return {
    counts: {
      accepted: untold.counts.accepted + counts.accepted,
      duplicates: untold.counts.duplicates + counts.duplicates,
      conflicting: untold.counts.conflicting + counts.conflicting,
      late: untold.counts.late + counts.late,
    },
    findings: [...untold.findings, ...findings].slice(0, keptFindings),
    findingCount: untold.findingCount + findings.length,
    latencies: { orderAck: merged('orderAck'), orderFill: merged('orderFill'), marketData: merged('marketData') },
  };
}

interface LastBatchText {
  readonly m: readonly string[];
  readonly c: readonly [accepted: number, duplicates: number, conflicting: number, late: number];
  readonly f?: readonly Finding[];
  readonly n?: number;
  readonly l?: readonly [orderAck: SketchText, orderFill: SketchText, marketData: SketchText];
}

export function encodeLastBatch({ messages, report }: LastBatch): string {
  const { counts, findings, findingCount, latencies } = report;
  const { orderAck, orderFill, marketData } = latencies;
  const text: LastBatchText = {
    m: messages,
    c: [counts.accepted, counts.duplicates, counts.conflicting, counts.late],
    ...(findingCount === 0 ? {} : { f: findings, n: findingCount }),
    ...(orderAck.count + orderFill.count + marketData.count === 0
      ? {}
      : { l: [encodeSketch(orderAck), encodeSketch(orderFill), encodeSketch(marketData)] as const }),
  };
  return JSON.stringify(text);
}

export function decodeLastBatch(text: string | undefined): LastBatch {
  const known = text === undefined ? undefined : (asObject(parseJson(text)) as LastBatchText | undefined);
  if (known === undefined) return noBatch;
  const [accepted, duplicates, conflicting, late] = known.c;
  const { l: latencies } = known;
  return {
    messages: known.m,
    report: {
      counts: { accepted, duplicates, conflicting, late },
      findings: known.f ?? [],
      findingCount: known.n ?? 0,
      latencies:
        latencies === undefined
          ? nothing.latencies
          : { orderAck: decodeSketch(latencies[0]), orderFill: decodeSketch(latencies[1]), marketData: decodeSketch(latencies[2]) },
    },
  };
}
