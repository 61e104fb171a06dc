/** Lines that are events already: followed as they are, whole and unchanged. Log lines beside them are left to the log group. */

import { nothing, problem, type SourceFormat } from '../../adapters/sources/source.ts';
import { parseLine } from '../../core/events/parse.ts';

export const ndjson: SourceFormat = {
  name: 'ndjson',
  reads: 'events, one JSON object a line',
  framing: 'lines',
  mapping: [],
  lost: [],
  open: () => ({
    map: ({ place, value }) => {
      const text = String(value);
      const parsed = parseLine(text);
      if (parsed.kind === 'rejected') return problem(place, `${parsed.code}: ${parsed.message}`);
      return parsed.kind === 'event' ? { events: [], problems: [], lines: [text] } : nothing;
    },
    notes: () => [],
    memory: () => ({}),
  }),
};
