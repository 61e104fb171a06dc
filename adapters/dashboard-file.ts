/**
 * Dashboards out of files: the answer of GetDashboard (with its body as text or as JSON), a bare body, or the dashboards of a CloudFormation template or
 * a synthesized assembly. Problems carry line and rule; a body that breaks a rule is still a body.
 */
import { readFileSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { LineCounter, parseDocument } from 'yaml';
import { type SourceProblem, showSourceProblem } from '../core/alarms/alarm-set.ts';
import { checkModel } from '../core/check/model.ts';
import { type DashboardProblem, parseDashboardBody } from '../core/cloudwatch/dashboard-body.ts';
import { structureProblems } from '../core/cloudwatch/dashboard-structure.ts';
import { asObject, asText, type JsonObject } from '../core/cloudwatch/loose-json.ts';
import { err, ok, type Result } from '../core/result.ts';
import { STAND_IN_PLACE } from '../core/template/resource-types.ts';
import { readTemplateFile, type TemplateFile } from './template-file.ts';

export interface FoundDashboard {
  readonly name: string;
  readonly body: JsonObject;
  /** One line each: `file:line: rule; was value`. */
  readonly problems: readonly string[];
}

/** `shown` is how messages name the file. The error is one line, with line and rule. */
export function readDashboardFile(path: string, shown: string): Result<readonly FoundDashboard[], string> {
  let text: string;
  try {
    if (statSync(path).isDirectory()) return err(`${shown}: is a folder; give a template, an answer of get-dashboard, or a body`);
    text = readFileSync(path, 'utf8').replace(/^\uFEFF/, '');
  } catch (error) {
    return err(`${shown}: cannot be read: ${error instanceof Error && 'code' in error ? String(error.code) : String(error)}`);
  }
  const object = asObject(jsonOf(text));
  if (object === undefined || object['Resources'] !== undefined) return ofTemplate(path, shown, text);
  if (object['DashboardBody'] !== undefined) return ofAnswer(object, shown, text);
  if (object['widgets'] === undefined)
    return err(`${shown}:1: must have widgets, DashboardBody or Resources; has ${Object.keys(object).slice(0, 8).join(', ') || 'nothing'}`);
  return ok([found(nameOf(path), object, lines(text, shown, []))]);
}

const nameOf = (path: string): string => basename(path).replace(/\.[^.]+$/, '');

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Where a problem of a body stands. */
type Place = (path: string) => string;

/** `prefix` are the keys above the body. */
function lines(text: string, shown: string, prefix: readonly string[]): Place {
  const counter = new LineCounter();
  const document = parseDocument(text, { lineCounter: counter, logLevel: 'silent' });
  return path => {
    const keys = [...prefix, ...path.split('.').filter(key => key !== '')];
    for (let length = keys.length; length >= 0; length -= 1) {
      const node = document.getIn(
        keys.slice(0, length).map(key => (/^\d+$/.test(key) ? Number(key) : key)),
        true,
      );
      const range = (node as { readonly range?: readonly number[] } | undefined)?.range;
      if (range?.[0] !== undefined) return `${shown}:${counter.linePos(range[0]).line}`;
    }
    return shown;
  };
}

function found(name: string, body: JsonObject, place: Place): FoundDashboard {
  const strict = parseDashboardBody(body);
  const all: readonly DashboardProblem[] = [...(strict.ok ? [] : strict.error), ...structureProblems(body)];
  return { name, body, problems: [...new Set(all.map(({ path, message }) => `${place(path)}: ${message}`))] };
}

function ofAnswer(object: JsonObject, shown: string, text: string): Result<readonly FoundDashboard[], string> {
  const name = asText(object['DashboardName']) ?? 'dashboard';
  const given = object['DashboardBody'];
  const place = lines(text, shown, ['DashboardBody']);
  if (asObject(given) !== undefined) return ok([found(name, asObject(given)!, place)]);
  const body = asObject(jsonOf(asText(given) ?? ''));
  // The body is one line of text inside: its own line is all that can be told.
  return body === undefined
    ? err(`${place('')}: DashboardBody must be a JSON object, or text that is one`)
    : ok([found(name, body, () => place(''))]);
}

function ofTemplate(path: string, shown: string, text: string): Result<readonly FoundDashboard[], string> {
  const read = readTemplateFile(path, shown);
  if (!read.ok) {
    const isBody = /"widgets"/.test(text) && /is no CloudFormation template/.test(read.error.message);
    return err(isBody ? `${shown}:1: is not JSON` : showSourceProblem(read.error satisfies SourceProblem));
  }
  const model = checkModel({ templates: [{ ...read.value, file: shown }], place: STAND_IN_PLACE, whole: false, config: undefined });
  const dashboards = model.dashboards.flatMap(({ resource, body }) => {
    const object = asObject(jsonOf(body ?? ''));
    if (object === undefined) return [];
    const place = () => placeOf(read.value, shown, resource.path);
    return [found(resource.name, object, place)];
  });
  return dashboards.length === 0
    ? err(`${shown}:1: must have a resource of type AWS::CloudWatch::Dashboard whose body can be resolved`)
    : ok(dashboards);
}

function placeOf(file: TemplateFile, shown: string, keys: string): string {
  const line = file.lineOf(keys.split('.'));
  return line === undefined ? shown : `${shown}:${line}`;
}
