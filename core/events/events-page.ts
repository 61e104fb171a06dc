import { derivedFields, envelopeFields } from './envelope.ts';
import type { Field, FieldTable, Shape } from './field.ts';
import { rejectCodes } from './reject.ts';
import { eventTables } from './tables.ts';

/** The page about events, in Markdown: what a bot sends, and why a line is refused. Made from the field tables. */

function formOf(shape: Shape): string {
  switch (shape.kind) {
    case 'decimal':
      return shape.sign === 'any' ? 'decimal' : 'decimal ≥ 0';
    case 'text':
      return shape.maxLength < Number.MAX_SAFE_INTEGER ? `text, ${shape.minLength}–${shape.maxLength} characters` : 'text';
    case 'choice':
      return shape.of.map(word => `\`${word}\``).join(', ');
    case 'level':
      return 'level';
    case 'integer':
    case 'number':
      return Number.isFinite(shape.least) ? `${shape.kind} ≥ ${shape.least}` : shape.kind;
    case 'flag':
      return 'true or false';
    case 'list':
      return `list of ${shape.of.kind === 'object' ? 'objects' : formOf(shape.of)}`;
    case 'time':
      return 'time';
    case 'object':
      return 'object';
  }
}

const innerFields = (shape: Shape): FieldTable | undefined =>
  shape.kind === 'object' ? shape.fields : shape.kind === 'list' ? innerFields(shape.of) : undefined;

function needOf(path: string, field: Field): string {
  if (derivedFields.includes(path)) return 'derived';
  if (field.fallback !== undefined) return `\`${field.fallback}\``;
  return field.need;
}

function rowsOf(fields: FieldTable, prefix: string): string[] {
  return Object.entries(fields).flatMap(([key, field]) => {
    const unit = field.unit === undefined ? '' : ` (${field.unit})`;
    const row = `| \`${prefix}${key}\` | ${needOf(prefix + key, field)} | ${formOf(field)}${unit} | ${field.says} |`;
    const inner = innerFields(field);
    return inner === undefined ? [row] : [row, ...rowsOf(inner, `${prefix}${key}${field.kind === 'list' ? '[].' : '.'}`)];
  });
}

function tableOf(fields: FieldTable): string {
  return ['| Field | Needed, or default | Form | Meaning |', '| --- | --- | --- | --- |', ...rowsOf(fields, '')].join('\n');
}

const introduction = `# Events

A bot reports facts as JSON, one object a line of at most 262,144 bytes, on its standard output or to the intake. A line is one of
three things:

- **An event**: a JSON object with \`eventType\`, one of the ten below.
- **A log line**: plain text, or a JSON object with a level and without \`eventType\`. It feeds level counts and error tracking.
- **Rejected**: anything else. A rejected line is counted, kept with its reason and shown; its neighbours are not affected.

The same rules in the words of other tools: \`events.schema.json\` (JSON Schema, draft 2020-12).

## Values

- **Decimals** (money, prices, quantities) are text such as \`"12.50"\`: a sign, digits, a point; no exponent. A JSON number is accepted when
  it has at most 15 significant digits as written, since a double keeps no more.
- **Times** are ISO 8601 in UTC with up to nine digits of fraction: \`"2026-03-09T13:30:00.123456789Z"\` (\`+00:00\` is UTC too). Integers
  are accepted when the event declares their unit as \`"timeUnit": "ns" | "us" | "ms" | "s"\` beside the envelope; all digits count, also
  beyond 2^53.
- **Levels** are \`debug\`, \`info\`, \`warning\`, \`error\`, \`critical\`; the words and numbers of common loggers are understood.
- **null** is the same as leaving a field out. Fields that are not listed here are ignored.

## Envelope, on every event

A sender must give \`eventType\`, \`strategyId\`, \`accountId\` and \`tsEvent\`. Left out, \`eventId\` is derived from the text of the line (so the same
line sent twice is one event), \`tsSent\` is \`tsEvent\`, and \`source\` is unknown. A bot that sends \`seq\` can be told when lines were lost; give
each run of a process its own \`source.instanceId\`, since its count starts anew.
`;

/** The whole page, ending in a line end. */
export function eventsPage(): string {
  const events = Object.entries(eventTables).map(([name, table]) => {
    const also = table.alsoNeeds === undefined ? '' : `\n\n\`${table.alsoNeeds.field}\` ${table.alsoNeeds.rule}.`;
    return `## \`${name}\`\n\n${table.says}${also}\n\n${tableOf(table.fields)}\n`;
  });
  const codes = Object.entries(rejectCodes).map(([code, meaning]) => `| \`${code}\` | ${meaning} |`);
  const rejections = `## Why a line is rejected\n\nThe list is closed.\n\n| Code | Meaning |\n| --- | --- |\n${codes.join('\n')}\n`;
  return [introduction, tableOf(envelopeFields), '', ...events, rejections].join('\n');
}
