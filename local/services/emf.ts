/**
 * Embedded metric format: the metrics inside a log line. Source: CloudWatch user guide, "Specification: Embedded metric
 * format". Malformed parts give nothing, as on CloudWatch.
 */
import type { EpochMs } from '../../core/time/instant.ts';

export interface MetricSample {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly atMs: EpochMs;
  readonly values: readonly number[];
  /** How often each value occurred; absent means once each. */
  readonly counts?: readonly number[];
  readonly unit?: string;
}

interface Directive {
  readonly Namespace?: unknown;
  readonly Dimensions?: unknown;
  readonly Metrics?: unknown;
}

/** The samples of a line; undefined when it is no EMF document. */
export function emfSamples(line: string): readonly MetricSample[] | undefined {
  if (!line.startsWith('{') || !line.includes('"_aws"')) return undefined;
  let document: Readonly<Record<string, unknown>>;
  try {
    document = JSON.parse(line) as Readonly<Record<string, unknown>>;
  } catch {
    return undefined;
  }
  const meta = document['_aws'] as { readonly Timestamp?: unknown; readonly CloudWatchMetrics?: unknown } | undefined;
  if (typeof meta !== 'object' || meta === null || !Array.isArray(meta.CloudWatchMetrics) || typeof meta.Timestamp !== 'number')
    return undefined;
  const atMs = meta.Timestamp;
  return (meta.CloudWatchMetrics as Directive[]).flatMap(directive => samplesOf(directive, document, atMs));
}

function samplesOf(directive: Directive, document: Readonly<Record<string, unknown>>, atMs: EpochMs): readonly MetricSample[] {
  const namespace = directive.Namespace;
  if (typeof namespace !== 'string' || !Array.isArray(directive.Metrics)) return [];
  const sets = (Array.isArray(directive.Dimensions) ? directive.Dimensions : [[]]) as readonly (readonly string[])[];
  const samples: MetricSample[] = [];
  for (const set of sets) {
    const dimensions: Record<string, string> = {};
    for (const name of set) if (typeof document[name] === 'string') dimensions[name] = document[name];
    if (Object.keys(dimensions).length < set.length) continue;
    for (const { Name, Unit } of directive.Metrics as readonly { readonly Name?: unknown; readonly Unit?: unknown }[]) {
      if (typeof Name !== 'string') continue;
      const values = numbersOf(document[Name]);
      if (values.length === 0) continue;
      samples.push({ namespace, name: Name, dimensions, atMs, values, ...(typeof Unit === 'string' ? { unit: Unit } : {}) });
    }
  }
  return samples;
}

const numbersOf = (value: unknown): readonly number[] =>
  (Array.isArray(value) ? (value as unknown[]) : [value]).filter(
    (entry): entry is number => typeof entry === 'number' && Number.isFinite(entry),
  );
