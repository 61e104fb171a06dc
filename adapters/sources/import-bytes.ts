/** A whole file of a source as lines of events. */
import { splitLines } from '../../core/events/lines.ts';
import { byTime, type CheckedLines, checkedLines, jsonRecords } from './frame.ts';
import type { SourceContext, SourceFormat, SourceProblem } from './source.ts';

export interface Imported extends CheckedLines {
  /** What a person should know of the file: whole sentences. */
  readonly notes: readonly string[];
}

/** Lines of text keep their order; JSON records, which come grouped by trade or order, are put in order of time. */
export function importBytes(source: SourceFormat, context: SourceContext, bytes: Uint8Array): Imported {
  const mapper = source.open(context);
  const lines: string[] = [];
  const problems: SourceProblem[] = [];
  const take = (checked: CheckedLines) => {
    for (const line of checked.lines) lines.push(line);
    for (const problem of checked.problems) problems.push(problem);
  };
  if (source.framing === 'lines') {
    for (const line of splitLines([bytes])) {
      const place = `line ${line.line}`;
      if (line.kind === 'rejected') problems.push({ place, message: line.message });
      else take(checkedLines(place, mapper.map({ place, value: line.text })));
    }
    return { lines, problems, notes: mapper.notes() };
  }
  const framed = jsonRecords(new TextDecoder().decode(bytes));
  problems.push(...framed.problems);
  const mapped = framed.records.map(record => mapper.map(record));
  take(checkedLines('file', { events: byTime(mapped.flatMap(({ events }) => events)), problems: mapped.flatMap(each => each.problems) }));
  return { lines, problems, notes: mapper.notes() };
}
