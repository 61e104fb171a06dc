/** What really happened, as people wrote it down: the list that alarms are judged against. */
import { err, ok, type Result } from '../result.ts';
import type { EpochMs } from '../time/instant.ts';

export interface RealIncident {
  readonly id: string;
  readonly fromMs: EpochMs;
  readonly toMs: EpochMs;
  /** Only these alarms count as its detection, by name with or without the stage; absent: any. */
  readonly alarms?: readonly string[];
  readonly title?: string;
}

/** An incident that says no end is taken to last an hour. */
const USUAL_MS = 3_600_000;

/** A list of `{ id, start, end?, alarms?, title? }`, bare or under the key `incidents`; times ISO 8601 with a zone. */
export function readIncidents(written: unknown): Result<readonly RealIncident[], string> {
  const list = Array.isArray(written) ? written : isRecord(written) ? written['incidents'] : undefined;
  if (!Array.isArray(list)) return err('must be a list of incidents, or have one under "incidents"');
  const incidents: RealIncident[] = [];
  const ids = new Set<string>();
  for (const [at, entry] of list.entries()) {
    const read = readIncident(entry, `incidents[${at}]`);
    if (!read.ok) return read;
    if (ids.has(read.value.id)) return err(`incidents[${at}].id: "${read.value.id}" is there twice`);
    ids.add(read.value.id);
    incidents.push(read.value);
  }
  return ok(incidents);
}

const known = ['id', 'start', 'end', 'alarms', 'title'];

function readIncident(entry: unknown, path: string): Result<RealIncident, string> {
  if (!isRecord(entry)) return err(`${path}: must be an object with id and start`);
  const unknown = Object.keys(entry).find(key => !known.includes(key));
  if (unknown !== undefined) return err(`${path}.${unknown}: is not known; an incident has ${known.join(', ')}`);
  const { id, title, alarms } = entry;
  if (typeof id !== 'string' || id === '') return err(`${path}.id: must be a text`);
  const fromMs = instantOf(entry['start']);
  if (fromMs === undefined) return err(`${path}.start: must be a time such as 2026-03-09T13:30:00Z; was ${JSON.stringify(entry['start'])}`);
  const toMs = entry['end'] === undefined ? fromMs + USUAL_MS : instantOf(entry['end']);
  if (toMs === undefined) return err(`${path}.end: must be a time such as 2026-03-09T14:30:00Z; was ${JSON.stringify(entry['end'])}`);
  if (toMs <= fromMs) return err(`${path}.end: must be after the start`);
  const names = alarms === undefined ? undefined : textsOf(alarms);
  if (alarms !== undefined && names === undefined) return err(`${path}.alarms: must be a list of alarm names`);
  return ok({
    id,
    fromMs,
    toMs,
    ...(names === undefined ? {} : { alarms: names }),
    ...(typeof title === 'string' ? { title } : {}),
  });
}

const textsOf = (value: unknown): readonly string[] | undefined =>
  Array.isArray(value) && value.every(entry => typeof entry === 'string') ? (value as readonly string[]) : undefined;

/** YAML gives dates as such, JSON as text. Text without a zone would depend on the machine and is refused. */
export function instantOf(value: unknown): EpochMs | undefined {
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? undefined : value.getTime();
  if (typeof value !== 'string' || !/^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d))?$/.test(value)) return undefined;
  const ms = Date.parse(value);
  return Number.isNaN(ms) ? undefined : ms;
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
