import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { isRecord } from '../kind.ts';

export interface MetricInput {
  readonly input: Readonly<Record<string, unknown>>;
  readonly params: Readonly<Record<string, unknown>>;
  readonly dataset: (path: string) => Uint8Array;
}

export type Metric = (input: MetricInput) => unknown;

/** A convention that the parameters ask for and that we do not compute. */
export class Unsupported extends Error {}

/** A parameter, or the input of that name. */
export function numberOf({ input, params }: MetricInput, name: string, fallback?: number): number {
  const value = params[name] ?? input[name];
  if (typeof value === 'number') return value;
  if (typeof value === 'string' && value.trim() !== '' && Number.isFinite(Number(value))) return Number(value);
  if (value === undefined || value === null) {
    if (fallback !== undefined) return fallback;
    throw new Unsupported(`${name} is missing`);
  }
  throw new Unsupported(`${name} ${JSON.stringify(value)}`);
}

/** A parameter out of a closed list. */
export function choiceOf<T extends string>({ params }: MetricInput, name: string, known: readonly T[], fallback: T): T {
  const value = params[name];
  if (value === undefined || value === null) return fallback;
  if (known.includes(value as T)) return value as T;
  throw new Unsupported(`${name} ${JSON.stringify(value)}`);
}

export function flagOf({ params }: MetricInput, name: string, fallback: boolean): boolean {
  const value = params[name];
  return typeof value === 'boolean' ? value : fallback;
}

export function textOf({ input, params }: MetricInput, name: string, fallback?: string): string {
  const value = input[name] ?? params[name] ?? fallback;
  if (value === undefined || value === null) throw new Unsupported(`${name} is missing`);
  return String(value);
}

export function recordsOf({ input }: MetricInput, name: string): readonly Readonly<Record<string, unknown>>[] {
  const value = input[name];
  return Array.isArray(value) ? value.filter(isRecord) : [];
}

export function seriesOf(each: MetricInput, name: string): readonly (number | null)[] {
  const value = each.input[name];
  if (Array.isArray(value)) return value.map(item => (typeof item === 'number' ? item : null));
  throw new Unsupported(`${name} is missing`);
}

export function numbersOf(each: MetricInput, name: string): readonly number[] {
  return seriesOf(each, name).filter(value => value !== null);
}

/** Returns given in place, or a data set of one integer per line in units of 1e-8. */
export function returnsOf(each: MetricInput): readonly (number | null)[] {
  if (each.input['dataset'] === undefined) return seriesOf(each, 'returns');
  const text = new TextDecoder().decode(datasetOf(each));
  return text
    .split('\n')
    .filter(line => line.trim() !== '')
    .map(line => Number(line) / 1e8);
}

/** Uncompressed bytes of the data set, checked against the hash that the case states. */
export function datasetOf({ input, dataset }: MetricInput): Uint8Array {
  const raw = dataset(String(input['dataset']));
  const bytes = raw[0] === 0x1f && raw[1] === 0x8b ? gunzipSync(raw) : raw;
  const hash = createHash('sha256').update(bytes).digest('hex');
  if (input['sha256'] !== undefined && input['sha256'] !== hash)
    throw new Error(`data set ${String(input['dataset'])} has another sha256: ${hash}`);
  return bytes;
}
