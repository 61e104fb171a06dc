/**
 * An alarm's description as this stack writes it: the sentence, then what to do first, then one line for machines:
 * `nightdesk {"v":1,"row":…,"alarm":…,"severity":…,"dimensions":{…},"runbook":…}`.
 * Descriptions of other people's alarms have only text; a URL in it serves as the runbook.
 */
import { asObject, asText, parseJson } from '../cloudwatch/loose-json.ts';
import type { Severity } from '../config/types.ts';
import { asSeverity } from './breach.ts';

export interface MachineLine {
  readonly row: string;
  readonly alarm: string;
  readonly severity: Severity;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly runbook?: string;
}

export interface ReadDescription {
  /** First line for people. */
  readonly sentence?: string;
  /** The lines after the first. */
  readonly firstAction?: string;
  readonly runbook?: string;
  readonly machine?: MachineLine;
}

const marker = 'nightdesk {';

export function readDescription(description: string | undefined): ReadDescription {
  if (description === undefined) return {};
  const lines = description.slice(0, 4096).split(/\r?\n/);
  const machine = lines.map(readMachineLine).find(line => line !== undefined);
  const people = lines.map(line => line.trim()).filter(line => line !== '' && !line.startsWith(marker));
  const [sentence, ...rest] = people;
  const firstAction = rest.join(' ').replace(/^(?:first action|do this first|first|action)\s*:\s*/i, '');
  const runbook = machine?.runbook ?? /https?:\/\/[^\s<>"'`|\\^{}]+/.exec(people.join('\n'))?.[0]?.replace(/[.,;:!?)\]]+$/, '');
  return {
    ...(sentence === undefined ? {} : { sentence }),
    ...(firstAction === '' ? {} : { firstAction }),
    ...(runbook === undefined ? {} : { runbook }),
    ...(machine === undefined ? {} : { machine }),
  };
}

function readMachineLine(line: string): MachineLine | undefined {
  const text = line.trim();
  if (!text.startsWith(marker)) return undefined;
  const object = asObject(parseJson(text.slice(marker.length - 1)));
  const alarm = asText(object?.['alarm']);
  const severity = asSeverity(object?.['severity']);
  if (object?.['v'] !== 1 || alarm === undefined || severity === undefined) return undefined;
  const dimensions = Object.entries(asObject(object['dimensions']) ?? {}).flatMap(([name, value]) => {
    const known = asText(value);
    return known === undefined ? [] : [[name, known] as const];
  });
  const runbook = asText(object['runbook']);
  return {
    row: asText(object['row']) ?? alarm,
    alarm,
    severity,
    dimensions: Object.fromEntries(dimensions),
    ...(runbook === undefined ? {} : { runbook }),
  };
}
