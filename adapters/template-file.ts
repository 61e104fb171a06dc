/** CloudFormation templates as people write them: JSON, or YAML with its short forms, with the line of every value. */
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { type Message, transformSync } from 'esbuild';
import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type ParsedNode,
  parseDocument,
  type YAMLError,
} from 'yaml';
import type { SourceProblem } from '../core/alarms/alarm-set.ts';
import { asObject } from '../core/cloudwatch/loose-json.ts';
import { err, ok, type Result } from '../core/result.ts';
import type { RawTemplate } from '../core/template/resources.ts';

export interface TemplateFile {
  /** As it was named. */
  readonly file: string;
  /** Name of its stack: the file's name without its endings, unless an assembly says better. */
  readonly name: string;
  readonly template: RawTemplate;
  /** Line of a value by its keys, or of the nearest value above it; undefined when the text tells none. */
  readonly lineOf: (keys: readonly string[]) => number | undefined;
}

/** Reads a template. `shown` is how messages name the file. */
export function readTemplateFile(path: string, shown: string = path, name = stackNameOf(path)): Result<TemplateFile, SourceProblem> {
  let text: string;
  try {
    text = readFileSync(path, 'utf8').replace(/^\uFEFF/, '');
  } catch (error) {
    return err({
      file: shown,
      message: `cannot be read: ${error instanceof Error && 'code' in error ? String(error.code) : String(error)}`,
    });
  }
  return templateOf(text, shown, name);
}

const stackNameOf = (path: string): string => basename(path).replace(/(\.template)?\.(json|ya?ml|template)$/i, '');

export function templateOf(text: string, file: string, name: string): Result<TemplateFile, SourceProblem> {
  const parsed = text.trimStart().startsWith('{') ? parseJsonText(text, file) : parseYamlText(text, file);
  if (!parsed.ok) return parsed;
  const problem = shapeProblem(parsed.value.value);
  if (problem !== undefined) return err({ file, line: parsed.value.lineOf(problem.keys) ?? 1, message: problem.message });
  const template = withoutLoops(parsed.value.value as RawTemplate);
  return ok({ file, name, template, lineOf: parsed.value.lineOf });
}

/** `Fn::ForEach` makes resources in the cloud only; what it stands among can be read. */
function withoutLoops(template: RawTemplate): RawTemplate {
  const entries = Object.entries(template.Resources ?? {});
  return entries.some(([id]) => isLoop(id))
    ? { ...template, Resources: Object.fromEntries(entries.filter(([id]) => !isLoop(id))) }
    : template;
}

const isLoop = (id: string): boolean => id.startsWith('Fn::ForEach');

interface Parsed {
  readonly value: unknown;
  readonly lineOf: TemplateFile['lineOf'];
}

/** What keeps a value from being read as a template. */
function shapeProblem(value: unknown): { readonly keys: readonly string[]; readonly message: string } | undefined {
  const resources = asObject(asObject(value)?.['Resources']);
  if (resources === undefined) return { keys: [], message: 'is no CloudFormation template: it has no Resources' };
  for (const [id, resource] of Object.entries(resources)) {
    if (isLoop(id)) continue;
    const keys = ['Resources', id];
    const record = asObject(resource);
    if (typeof record?.['Type'] !== 'string') return { keys, message: `Resources.${id} has no Type` };
    const properties = record['Properties'];
    if (properties !== undefined && properties !== null && asObject(properties) === undefined)
      return { keys: [...keys, 'Properties'], message: `Resources.${id}.Properties must be an object` };
  }
  return undefined;
}

function parseJsonText(text: string, file: string): Result<Parsed, SourceProblem> {
  try {
    // The lines cost a second parse, and only problems ask for them.
    let lines: Parsed['lineOf'] | undefined;
    const lineOf: Parsed['lineOf'] = keys => {
      lines ??= linesOf(text);
      return lines(keys);
    };
    return ok({ value: JSON.parse(text), lineOf });
  } catch (error) {
    return err(jsonProblem(text, file, error instanceof Error ? error.message : String(error)));
  }
}

/** JSON.parse tells no line on every version of Node; esbuild does. */
function jsonProblem(text: string, file: string, message: string): SourceProblem {
  try {
    transformSync(text, { loader: 'json', logLevel: 'silent' });
  } catch (error) {
    const fault = typeof error === 'object' && error !== null && 'errors' in error ? (error.errors as readonly Message[])[0] : undefined;
    if (fault?.location != null) return { file, line: fault.location.line, message: `is not JSON: ${fault.text}` };
  }
  return { file, line: 1, message: `is not JSON: ${message.split('\n')[0] ?? ''}` };
}

export const yamlProblem = (file: string, fault: YAMLError): SourceProblem => ({
  file,
  line: fault.linePos?.[0].line ?? 1,
  message: `is not YAML: ${(fault.message.split('\n')[0] ?? '').replace(/ at line \d+, column \d+:?$/, '')}`,
});

function linesOf(text: string): Parsed['lineOf'] {
  const counter = new LineCounter();
  const document = parseDocument(text, { lineCounter: counter, logLevel: 'silent' });
  return lineFinder(document, counter);
}

function parseYamlText(text: string, file: string): Result<Parsed, SourceProblem> {
  const counter = new LineCounter();
  const document = parseDocument(text, { lineCounter: counter, logLevel: 'silent' });
  const fault = document.errors[0];
  if (fault !== undefined) return err(yamlProblem(file, fault));
  return ok({ value: jsOf(document.contents, document), lineOf: lineFinder(document, counter) });
}

function lineFinder(document: Document.Parsed, counter: LineCounter): Parsed['lineOf'] {
  return keys => {
    for (let length = keys.length; length >= 0; length -= 1) {
      const range = rangeOf(document, keys.slice(0, length));
      if (range !== undefined) return counter.linePos(range).line;
    }
    return undefined;
  };
}

/** Start of the key, or of the list's entry. */
function rangeOf(document: Document.Parsed, keys: readonly string[]): number | undefined {
  let node: ParsedNode | null | undefined = document.contents;
  let start = node?.range[0];
  for (const key of keys) {
    if (isMap(node)) {
      const pair = node.items.find(({ key: name }) => isScalar(name) && String(name.value) === key);
      if (pair === undefined) return undefined;
      start = (pair.key as ParsedNode).range[0];
      node = pair.value as ParsedNode | null;
    } else if (isSeq(node)) {
      node = node.items[Number(key)] as ParsedNode | undefined;
      if (node === undefined) return undefined;
      start = node.range[0];
    } else return undefined;
  }
  return start;
}

/** A YAML node as the value that CloudFormation sees: `!Ref x` is `{ Ref: x }`, every other `!Name` is `{ 'Fn::Name': … }`. */
function jsOf(node: unknown, document: Document): unknown {
  if (isAlias(node)) return jsOf(node.resolve(document), document);
  const plain = plainJsOf(node, document);
  const tag = (node as Node | null)?.tag;
  if (tag === undefined || !/^![A-Za-z0-9]+$/.test(tag)) return plain;
  const name = tag.slice(1);
  return { [name === 'Ref' || name === 'Condition' ? name : `Fn::${name}`]: plain };
}

function plainJsOf(node: unknown, document: Document): unknown {
  if (isMap(node))
    return Object.fromEntries(
      node.items.map(({ key, value }) => [String(isScalar(key) ? key.value : jsOf(key, document)), jsOf(value, document)]),
    );
  if (isSeq(node)) return node.items.map(item => jsOf(item, document));
  return isScalar(node) ? node.value : node;
}
