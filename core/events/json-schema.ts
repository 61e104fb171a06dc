import { maxDecimalLength } from './decimal-text.ts';
import { derivedFields, envelopeFields, schemaVersion, timeUnits } from './envelope.ts';
import type { EventTable, Field, FieldTable, Shape } from './field.ts';
import { logLevels } from './level.ts';
import { eventTables } from './tables.ts';

/** The events as JSON Schema (draft 2020-12), for bots in other languages; made from the same tables as the validation. */

type Schema = Readonly<Record<string, unknown>>;

const decimalPattern = '^-?[0-9]+(\\.[0-9]+)?$';
const notNegativePattern = '^(?:[0-9]+(\\.[0-9]+)?|-0+(\\.0+)?)$';
const timePattern =
  '^[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]{1,9})?([Zz]|[+-]00:00|[+-]0000|[+-]00)$|^[0-9]{1,20}$';

const definitions: Readonly<Record<string, Schema>> = {
  decimal: {
    description: 'A plain decimal as text, without exponent. A JSON number is accepted up to 15 significant digits.',
    anyOf: [{ type: 'string', pattern: decimalPattern, maxLength: maxDecimalLength }, { type: 'number' }],
  },
  amount: {
    description: 'A decimal that is not negative.',
    anyOf: [
      { type: 'string', pattern: notNegativePattern, maxLength: maxDecimalLength },
      { type: 'number', minimum: 0 },
    ],
  },
  time: {
    description:
      'ISO 8601 in UTC with up to nine digits of fraction, or an integer (also as text) in the timeUnit that the event declares.',
    anyOf: [
      { type: 'string', pattern: timePattern },
      { type: 'integer', minimum: 0 },
    ],
  },
};

function textSchema(minLength: number, maxLength: number): Schema {
  return {
    type: 'string',
    ...(minLength > 0 ? { minLength } : {}),
    ...(maxLength < Number.MAX_SAFE_INTEGER ? { maxLength } : {}),
  };
}

function typeOf(shape: Shape): Schema {
  switch (shape.kind) {
    case 'decimal':
      return { $ref: shape.sign === 'any' ? '#/$defs/decimal' : '#/$defs/amount' };
    case 'time':
      return { $ref: '#/$defs/time' };
    case 'text':
      return textSchema(shape.minLength, shape.maxLength);
    case 'choice':
      return { enum: shape.of };
    case 'level':
      return { enum: logLevels };
    case 'integer':
    case 'number':
      return { type: shape.kind, ...(Number.isFinite(shape.least) ? { minimum: shape.least } : {}) };
    case 'flag':
      return { type: 'boolean' };
    case 'list':
      return { type: 'array', items: schemaOf(shape.of) };
    case 'object':
      return objectSchema(shape.fields);
  }
}

function schemaOf(shape: Shape): Schema {
  const description = shape.unit === undefined ? shape.says : `${shape.says} Unit: ${shape.unit}.`;
  return { description, ...typeOf(shape) };
}

function fieldSchema(field: Field): Schema {
  return { ...schemaOf(field), ...(field.fallback === undefined ? {} : { default: field.fallback }) };
}

/** Fields that a sender cannot leave out. */
const requiredOf = (fields: FieldTable) =>
  Object.keys(fields).filter(
    key => fields[key]!.need === 'required' && fields[key]!.fallback === undefined && !derivedFields.includes(key),
  );

function propertiesOf(fields: FieldTable): Schema {
  return Object.fromEntries(Object.entries(fields).map(([key, field]) => [key, fieldSchema(field)]));
}

function objectSchema(fields: FieldTable): Schema {
  const required = requiredOf(fields);
  return { type: 'object', properties: propertiesOf(fields), ...(required.length === 0 ? {} : { required }) };
}

/** Rules over several fields, in the words of JSON Schema. */
const crossFieldRules: Readonly<Record<string, Schema>> = {
  execution: { anyOf: [{ properties: { execType: { const: 'trade' } } }, { required: ['execRefId'] }] },
  marketData: { anyOf: [{ required: ['instrumentId'] }, { required: ['feed'] }] },
};

function eventSchema(eventType: string, table: EventTable): Schema {
  return {
    description: table.says,
    type: 'object',
    properties: { eventType: { const: eventType }, ...propertiesOf(table.fields) },
    required: ['eventType', ...requiredOf(table.fields)],
    ...crossFieldRules[eventType],
  };
}

const envelopeSchema: Schema = {
  description: 'Fields of every event.',
  type: 'object',
  properties: {
    ...propertiesOf(envelopeFields),
    schemaVersion: { description: 'Version of this schema.', const: schemaVersion, default: schemaVersion },
    source: { ...schemaOf(envelopeFields.source), type: ['object', 'string'] },
    eventType: { enum: Object.keys(eventTables) },
    timeUnit: { description: 'Unit of the integer times of this event.', enum: Object.keys(timeUnits) },
  },
  required: ['eventType', ...requiredOf(envelopeFields)],
};

/** One line of a bot's log that is an event. Unknown keys are allowed; null counts as absent and is not described. */
export function eventsJsonSchema(): Schema {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: 'urn:nightdesk:events:1',
    title: 'Nightdesk event',
    description: 'One event of a trading bot: one JSON object on one line of at most 262,144 bytes.',
    allOf: [{ $ref: '#/$defs/envelope' }, { oneOf: Object.keys(eventTables).map(eventType => ({ $ref: `#/$defs/${eventType}` })) }],
    $defs: {
      ...definitions,
      envelope: envelopeSchema,
      ...Object.fromEntries(Object.entries(eventTables).map(([eventType, table]) => [eventType, eventSchema(eventType, table)])),
    },
  };
}
