/** A file's text as records, and mapped events as lines. */
import { parseLine } from '../../core/events/parse.ts';
import { parseExactJson } from './exact-json.ts';
import type { Mapped, RawRecord, SourceProblem, WireEvent } from './source.ts';

export interface Framed {
  readonly records: readonly RawRecord[];
  readonly problems: readonly SourceProblem[];
}

/** The records of a JSON text: the elements of an array, one object, or one value a line. */
export function jsonRecords(text: string): Framed {
  const body = text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
  const whole = parseExactJson(body);
  if (whole.ok) {
    if (!Array.isArray(whole.value)) return { records: [{ place: 'document', value: whole.value }], problems: [] };
    return { records: whole.value.map((value: unknown, at) => ({ place: `record ${at + 1}`, value })), problems: [] };
  }
  const lines = body.split(/\r?\n/);
  const records: RawRecord[] = [];
  const problems: SourceProblem[] = [];
  for (const [at, line] of lines.entries()) {
    if (line.trim() === '') continue;
    const parsed = parseExactJson(line);
    if (parsed.ok) records.push({ place: `line ${at + 1}`, value: parsed.value });
    else problems.push({ place: `line ${at + 1}`, message: `is not JSON: ${parsed.error}` });
  }
  return records.length === 0 ? { records, problems: [{ place: 'file', message: `is not JSON: ${whole.error}` }] } : { records, problems };
}

export interface CheckedLines {
  readonly lines: readonly string[];
  readonly problems: readonly SourceProblem[];
}

/** The events as lines, each read again as the ledger reads it; what would be rejected becomes a problem. */
export function checkedLines(place: string, { events, problems, lines: ready = [] }: Mapped): CheckedLines {
  const lines: string[] = [...ready];
  const found = [...problems];
  for (const event of events) {
    const line = JSON.stringify(event);
    const parsed = parseLine(line);
    if (parsed.kind === 'event') lines.push(line);
    else found.push({ place, message: parsed.kind === 'rejected' ? `${parsed.code}: ${parsed.message}` : 'gave no event' });
  }
  return { lines, problems: found };
}

/** Stable order by time, for records that come grouped by order or by trade. ISO text sorts once its Z is off. */
export function byTime(events: readonly WireEvent[]): readonly WireEvent[] {
  const key = (event: WireEvent) => event.tsEvent.slice(0, -1);
  return [...events].sort((a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0));
}
