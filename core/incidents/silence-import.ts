/** Silences that somebody else wrote: Alertmanager's own (as `amtool silence query -o json` prints them), or those of `nightdesk silence --json`. */
import { asArray, asObject, asText, type JsonObject } from '../cloudwatch/loose-json.ts';
import type { EpochMs } from '../time/instant.ts';
import type { Matcher } from './matcher.ts';
import { createSilence, type Silence, silenceProblem } from './silence.ts';

export interface ImportedSilences {
  readonly silences: readonly Silence[];
  /** What was left out, each with its place and rule; the others stand. */
  readonly problems: readonly { readonly place: string; readonly problem: string }[];
}

export function readSilences(document: unknown, now: EpochMs): ImportedSilences {
  const list = Array.isArray(document) ? document : asObject(document)?.['silences'];
  if (!Array.isArray(list)) return { silences: [], problems: [{ place: 'document', problem: 'must be a list of silences' }] };
  const silences: Silence[] = [];
  const problems: ImportedSilences['problems'][number][] = [];
  for (const [index, each] of list.entries()) {
    const read = silenceOf(asObject(each) ?? {}, now);
    if (typeof read === 'string') problems.push({ place: `[${index}]`, problem: read });
    else silences.push(read);
  }
  return { silences, problems };
}

/** The silence, or why it cannot be one. */
function silenceOf(written: JsonObject, now: EpochMs): Silence | string {
  const matchers: Matcher[] = [];
  for (const each of asArray(written['matchers'])) {
    const matcher = matcherOf(asObject(each) ?? {});
    if (matcher === undefined) return `matcher ${JSON.stringify(each)} needs a name and a value`;
    matchers.push(matcher);
  }
  const startsAt = instantOf(written['startsAt']);
  const endsAt = instantOf(written['endsAt']);
  if (startsAt === undefined || endsAt === undefined) return 'needs startsAt and endsAt as times';
  if (endsAt <= now) return 'has ended';
  const author = asText(written['createdBy']) ?? asText(written['author']) ?? '';
  const input = { matchers, author, comment: asText(written['comment']) ?? '', createdAt: now, startsAt, endsAt };
  const id = asText(written['id']);
  // The same list again gives the same silences; those that we wrote keep their names.
  const own = id?.startsWith('silence-') === true ? id : createSilence({ ...input, createdAt: 0 }).id;
  return silenceProblem(input) ?? { ...input, id: own };
}

function matcherOf(written: JsonObject): Matcher | undefined {
  const label = asText(written['name']) ?? asText(written['label']);
  const { value } = written;
  if (label === undefined || label === '' || typeof value !== 'string') return undefined;
  const operators = ['=', '!=', '=~', '!~'] as const;
  const given = operators.find(operator => operator === written['operator']);
  const isEqual = written['isEqual'] !== false;
  const operator = written['isRegex'] === true ? (isEqual ? '=~' : '!~') : isEqual ? '=' : '!=';
  return { label, operator: given ?? operator, value };
}

function instantOf(value: unknown): EpochMs | undefined {
  const at = typeof value === 'number' ? value : Date.parse(asText(value) ?? '');
  return Number.isFinite(at) ? at : undefined;
}
