import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { signingHeaders } from '../../core/events/signing.ts';
import { lineRefusals, refusals } from '../../core/intake/refusal.ts';

const page = readFileSync(new URL('../../docs/intake.md', import.meta.url), 'utf8');

it('docs/intake.md lists every refusal with its status and meaning, and no other', () => {
  const rows = [...page.matchAll(/^\| (\d{3}) \| `([A-Z_]+)` \| ([^|]+) \|/gm)].map(([, status, code, meaning]) => [
    code,
    Number(status),
    meaning,
  ]);
  expect(rows).toEqual(Object.entries(refusals).map(([code, { status, meaning }]) => [code, status, meaning]));
});

it('docs/intake.md names the headers and the codes of lines', () => {
  for (const name of [...Object.values(signingHeaders), ...Object.keys(lineRefusals)]) expect(page).toContain(`\`${name}\``);
});
