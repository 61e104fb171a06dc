import { type Field, type ShapeName, shapes } from './fields.ts';

/** JSON Schema (draft 7, which editors know) of a file of alarm tests. */
export function alarmTestsSchema(): Readonly<Record<string, unknown>> {
  const names = Object.keys(shapes) as ShapeName[];
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Unit tests of CloudWatch alarms, run by `nightdesk test`',
    ...objectSchema('file'),
    definitions: Object.fromEntries(names.filter(name => name !== 'file').map(name => [name, objectSchema(name)])),
  };
}

function objectSchema(name: ShapeName): Readonly<Record<string, unknown>> {
  const fields = Object.entries(shapes[name]);
  return {
    type: 'object',
    additionalProperties: false,
    required: fields.filter(([, field]) => field.required === true).map(([key]) => key),
    properties: Object.fromEntries(fields.map(([key, field]) => [key, { ...fieldSchema(field), description: field.description }])),
  };
}

function fieldSchema(field: Field): Readonly<Record<string, unknown>> {
  const minimum = field.minimum === undefined ? {} : { minimum: field.minimum };
  switch (field.type) {
    case 'text':
      return field.oneOf === undefined ? { type: ['string', 'number'] } : { enum: field.oneOf };
    case 'number':
      return { type: field.whole === true ? 'integer' : 'number', ...minimum };
    case 'map':
      return { type: 'object', additionalProperties: { type: ['string', 'number', 'boolean'] } };
    case 'texts':
      return { type: 'array', items: { type: 'string' } };
    case 'list':
      return { type: 'array', minItems: 1, items: { $ref: `#/definitions/${field.of ?? ''}` } };
  }
}
