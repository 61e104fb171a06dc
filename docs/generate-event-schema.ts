/** Writes docs/events.schema.json and docs/events.md: `npx tsx docs/generate-event-schema.ts`. */
import { writeFileSync } from 'node:fs';
import { eventsPage } from '../core/events/events-page.ts';
import { eventsJsonSchema } from '../core/events/json-schema.ts';

writeFileSync(new URL('events.schema.json', import.meta.url), `${JSON.stringify(eventsJsonSchema(), null, 2)}\n`);
writeFileSync(new URL('events.md', import.meta.url), eventsPage());
