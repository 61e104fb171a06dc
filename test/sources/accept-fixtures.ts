/** Writes the expected events of every fixture: `node --import tsx test/sources/accept-fixtures.ts`. Read the difference. */
import { writeFileSync } from 'node:fs';
import { fixturePairs, importPair, textOfImport } from './fixture-pairs.ts';

for (const pair of fixturePairs()) writeFileSync(pair.expectedPath, textOfImport(importPair(pair)));
