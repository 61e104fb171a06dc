/** Writes docs/events.schema.json: `npx tsx docs/generate-event-schema.ts`. */
import { writeFileSync } from 'node:fs';
import { eventsJsonSchema } from '../core/events/json-schema.ts';

writeFileSync(new URL('events.schema.json', import.meta.url), `${JSON.stringify(eventsJsonSchema(), null, 2)}\n`);
