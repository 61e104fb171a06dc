import { readFileSync } from 'node:fs';
import { describe, expect, it, test } from 'vitest';
import { eventsPage } from '../../core/events/events-page.ts';
import { eventsJsonSchema } from '../../core/events/json-schema.ts';
import { rejectCodes } from '../../core/events/reject.ts';
import { eventTables } from '../../core/events/tables.ts';

const published = (file: string) => readFileSync(new URL(`../../docs/${file}`, import.meta.url), 'utf8');
const advice = 'stale: run `npx tsx docs/generate-event-schema.ts` and read the difference';

type Schema = Readonly<Record<string, unknown>>;
const schema = eventsJsonSchema();
const definitions = schema['$defs'] as Readonly<Record<string, Schema>>;

describe('what is published about events', () => {
  it('is the schema that the field tables give', () => {
    expect(published('events.schema.json'), advice).toBe(`${JSON.stringify(schema, null, 2)}\n`);
  });

  it('is the page that the field tables give', () => {
    expect(published('events.md'), advice).toBe(eventsPage());
  });

  it('names every code of rejection and no other', () => {
    const named = [...published('events.md').matchAll(/^\| `([A-Z_]+)` \|/gm)].map(match => match[1]);
    expect(named).toEqual(Object.keys(rejectCodes));
  });
});

describe('the schema', () => {
  test.each(Object.entries(eventTables))('of %s has each field with its meaning', (eventType, table) => {
    const properties = definitions[eventType]!['properties'] as Readonly<Record<string, Schema>>;
    for (const [key, field] of Object.entries(table.fields)) {
      expect(properties[key]!['description']).toContain(field.says);
    }
  });

  it('asks of the envelope no more than the ledger needs', () => {
    expect(definitions['envelope']!['required']).toEqual(['eventType', 'strategyId', 'accountId', 'tsEvent']);
  });

  it('refers only to what it defines', () => {
    const references = [...JSON.stringify(schema).matchAll(/"\$ref":"#\/\$defs\/(\w+)"/g)].map(match => match[1]!);
    expect(references.filter(name => definitions[name] === undefined)).toEqual([]);
  });
});
