/** What the newest commit of a strategy was made of: its messages, which may be delivered again, and what it had to tell. */
import { asObject, parseJson } from '../../core/cloudwatch/loose-json.ts';
import { hash53, hashText } from '../../core/hash.ts';
import { type Finding, lastingFindings, limitFindings } from '../../core/ledger/finding.ts';
import type { FoldResult, LatencySketches } from '../../core/ledger/fold.ts';
import type { Counts } from '../../core/ledger/state.ts';
import { decodeSketch, emptySketch, encodeSketch, mergeSketch, type SketchText } from '../../core/orders/latency-sketch.ts';

export interface Report {
  readonly counts: Readonly<Counts>;
  /** The first of them. */
  readonly findings: readonly Finding[];
  readonly findingCount: number;
  /** Findings that are cancellations or corrections, and those that are problems of the data. */
  readonly amended: number;
  readonly problems: number;
  readonly latencies: LatencySketches;
}

export interface LastBatch {
  /** Keys of its messages. */
  readonly messages: readonly string[];
  readonly report: Report;
}

const keptFindings = 20;

const amendments: ReadonlySet<Finding['kind']> = new Set(['bust', 'correction']);
/** They have a count of their own. */
const counted: ReadonlySet<Finding['kind']> = new Set(['conflictingDuplicate', 'late']);
const isProblem = (kind: Finding['kind']) =>
  !amendments.has(kind) && !counted.has(kind) && !lastingFindings.has(kind) && !limitFindings.has(kind);

/** Broken limits are kept before anything else: they page. */
const rank = ({ kind }: Finding): number => (limitFindings.has(kind) ? 0 : 1);

/** The same for every delivery of a message. */
export const messageKey = (messageId: string, body: string): string => hashText(hash53(`${messageId}\u0001${body}`));

const nothing: Report = {
  counts: { accepted: 0, duplicates: 0, conflicting: 0, late: 0 },
  findings: [],
  findingCount: 0,
  amended: 0,
  problems: 0,
  latencies: { orderAck: emptySketch(), orderFill: emptySketch(), orderCancel: emptySketch(), marketData: emptySketch() },
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
    findings: [...untold.findings, ...findings].sort((a, b) => rank(a) - rank(b)).slice(0, keptFindings),
    findingCount: untold.findingCount + findings.length,
    amended: untold.amended + findings.filter(({ kind }) => amendments.has(kind)).length,
    problems: untold.problems + findings.filter(({ kind }) => isProblem(kind)).length,
    latencies: {
      orderAck: merged('orderAck'),
      orderFill: merged('orderFill'),
      orderCancel: merged('orderCancel'),
      marketData: merged('marketData'),
    },
  };
}

interface LastBatchText {
  readonly m: readonly string[];
  readonly c: readonly [accepted: number, duplicates: number, conflicting: number, late: number];
  readonly f?: readonly Finding[];
  readonly n?: readonly [findings: number, amended: number, problems: number];
  readonly l?: readonly [orderAck: SketchText, orderFill: SketchText, marketData: SketchText, orderCancel?: SketchText];
}

export function encodeLastBatch({ messages, report }: LastBatch): string {
  const { counts, findings, findingCount, amended, problems, latencies } = report;
  const { orderAck, orderFill, orderCancel, marketData } = latencies;
  const text: LastBatchText = {
    m: messages,
    c: [counts.accepted, counts.duplicates, counts.conflicting, counts.late],
    ...(findingCount === 0 ? {} : { f: findings, n: [findingCount, amended, problems] as const }),
    ...(orderAck.count + orderFill.count + orderCancel.count + marketData.count === 0
      ? {}
      : { l: [encodeSketch(orderAck), encodeSketch(orderFill), encodeSketch(marketData), encodeSketch(orderCancel)] as const }),
  };
  return JSON.stringify(text);
}

export function decodeLastBatch(text: string | undefined): LastBatch {
  const known = text === undefined ? undefined : (asObject(parseJson(text)) as LastBatchText | undefined);
  if (known === undefined) return noBatch;
  const [accepted, duplicates, conflicting, late] = known.c;
  const { l: latencies, n: [findingCount, amended, problems] = [0, 0, 0] } = known;
  return {
    messages: known.m,
    report: {
      counts: { accepted, duplicates, conflicting, late },
      findings: known.f ?? [],
      findingCount,
      amended,
      problems,
      latencies:
        latencies === undefined
          ? nothing.latencies
          : {
              orderAck: decodeSketch(latencies[0]),
              orderFill: decodeSketch(latencies[1]),
              orderCancel: latencies[3] === undefined ? emptySketch() : decodeSketch(latencies[3]),
              marketData: decodeSketch(latencies[2]),
            },
    },
  };
}
