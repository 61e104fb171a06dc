/** CloudFormation's intrinsic functions over one template. Source: the template reference, "Intrinsic function reference". */

export interface Scope {
  readonly stackName: string;
  readonly region: string;
  readonly accountId: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly mappings: Readonly<Record<string, unknown>>;
  readonly conditions: Readonly<Record<string, unknown>>;
  /** What `Ref` of a resource gives; undefined when there is no such resource. */
  readonly refOf: (logicalId: string) => unknown;
  /** What `Fn::GetAtt` gives; undefined when there is none. */
  readonly attributeOf: (logicalId: string, attribute: string) => unknown;
  readonly importOf: (exportName: string) => unknown;
  readonly outputOf: (stackName: string, outputName: string) => unknown;
  /** Text of a `{{resolve:service:reference}}`. */
  readonly dynamicOf: (service: string, reference: string) => string;
}

export class TemplateError extends Error {}

type Json = Readonly<Record<string, unknown>>;

const isRecord = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Stands for `AWS::NoValue`: the property or list entry goes away. */
const noValue = Symbol('AWS::NoValue');

/** The value with everything resolved. `where` names the place in errors. */
export function resolve(value: unknown, scope: Scope, where: string): unknown {
  const result = walk(value, scope, where);
  return result === noValue ? undefined : result;
}

function walk(value: unknown, scope: Scope, where: string): unknown {
  if (typeof value === 'string') return value.includes('{{resolve:') ? dynamic(value, scope) : value;
  if (Array.isArray(value)) return value.map((item, index) => walk(item, scope, `${where}[${index}]`)).filter(item => item !== noValue);
  if (!isRecord(value)) return value;
  const names = Object.keys(value);
  const name = names[0];
  if (names.length === 1 && name !== undefined && (name === 'Ref' || name === 'Condition' || name.startsWith('Fn::'))) {
    const compute = functions[name];
    if (compute !== undefined && !(name === 'Condition' && typeof value[name] !== 'string'))
      return compute(value[name], scope, `${where}.${name}`);
    if (name.startsWith('Fn::')) throw new TemplateError(`UnknownIntrinsic at ${where}: ${name} is not supported here`);
  }
  const result: Record<string, unknown> = {};
  for (const [key, child] of Object.entries(value)) {
    const resolved = walk(child, scope, `${where}.${key}`);
    if (resolved !== noValue) result[key] = resolved;
  }
  return result;
}

function dynamic(text: string, scope: Scope): string {
  return text.replace(/\{\{resolve:([\w-]+):([^}]*)\}\}/g, (_, service: string, reference: string) => scope.dynamicOf(service, reference));
}

function pseudo(name: string, scope: Scope): unknown {
  const known: Readonly<Record<string, unknown>> = {
    'AWS::AccountId': scope.accountId,
    'AWS::Region': scope.region,
    'AWS::Partition': 'aws',
    'AWS::URLSuffix': 'amazonaws.com',
    'AWS::StackName': scope.stackName,
    'AWS::StackId': `arn:aws:cloudformation:${scope.region}:${scope.accountId}:stack/${scope.stackName}/00000000-0000-4000-8000-000000000000`,
    'AWS::NotificationARNs': [],
    'AWS::NoValue': noValue,
  };
  return known[name];
}

function ref(name: string, scope: Scope, where: string): unknown {
  const value = pseudo(name, scope) ?? scope.parameters[name] ?? scope.refOf(name);
  if (value === undefined) throw new TemplateError(`UnresolvedReference at ${where}: nothing in ${scope.stackName} is called "${name}"`);
  return value;
}

function attribute(logicalId: string, name: string, scope: Scope, where: string): unknown {
  const value = scope.attributeOf(logicalId, name);
  if (value === undefined)
    throw new TemplateError(`UnresolvedAttribute at ${where}: "${logicalId}" has no attribute "${name}" that is known here`);
  return value;
}

function substitute(argument: unknown, scope: Scope, where: string): string {
  const [text, own] = Array.isArray(argument) ? [String(argument[0]), argument[1] as Json] : [String(argument), {}];
  return text.replace(/\$\{([^}]+)\}/g, (_, name: string) => {
    if (name.startsWith('!')) return `\${${name.slice(1)}}`;
    if (own[name] !== undefined) return String(walk(own[name], scope, where));
    const dot = name.indexOf('.');
    return String(dot < 0 ? ref(name, scope, where) : attribute(name.slice(0, dot), name.slice(dot + 1), scope, where));
  });
}

function condition(name: string, scope: Scope, where: string): boolean {
  const definition = scope.conditions[name];
  if (definition === undefined) throw new TemplateError(`UnknownCondition at ${where}: "${name}"`);
  return walk(definition, scope, `Conditions.${name}`) === true;
}

type Compute = (argument: unknown, scope: Scope, where: string) => unknown;

const functions: Readonly<Record<string, Compute>> = {
  Ref: (argument, scope, where) => ref(String(argument), scope, where),
  Condition: (argument, scope, where) => condition(String(argument), scope, where),
  'Fn::GetAtt': (argument, scope, where) => {
    const [id, ...rest] = Array.isArray(argument) ? argument.map(String) : String(argument).split('.');
    return attribute(id ?? '', rest.join('.'), scope, where);
  },
  'Fn::Sub': substitute,
  'Fn::Join': (argument, scope, where) => {
    const [separator, parts] = argument as [string, unknown];
    const resolved = walk(parts, scope, where);
    if (!Array.isArray(resolved)) throw new TemplateError(`InvalidIntrinsic at ${where}: Fn::Join needs a list`);
    return dynamic(resolved.map(String).join(separator), scope);
  },
  'Fn::Split': (argument, scope, where) => {
    const [separator, text] = argument as [string, unknown];
    return String(walk(text, scope, where)).split(separator);
  },
  'Fn::Select': (argument, scope, where) => {
    const [index, items] = argument as [unknown, unknown];
    const resolved = walk(items, scope, where);
    const at = Number(walk(index, scope, where));
    if (!Array.isArray(resolved) || resolved[at] === undefined)
      throw new TemplateError(`InvalidIntrinsic at ${where}: Fn::Select has no entry ${at}`);
    return resolved[at] as unknown;
  },
  'Fn::If': (argument, scope, where) => {
    const [name, yes, no] = argument as [string, unknown, unknown];
    return walk(condition(name, scope, where) ? yes : no, scope, where);
  },
  'Fn::Equals': (argument, scope, where) => {
    const [left, right] = (argument as unknown[]).map(side => walk(side, scope, where));
    return String(left) === String(right);
  },
  'Fn::Not': (argument, scope, where) => walk((argument as unknown[])[0], scope, where) !== true,
  'Fn::And': (argument, scope, where) => (argument as unknown[]).every(term => walk(term, scope, where) === true),
  'Fn::Or': (argument, scope, where) => (argument as unknown[]).some(term => walk(term, scope, where) === true),
  'Fn::FindInMap': (argument, scope, where) => {
    const [map, top, second] = (argument as unknown[]).map(part => String(walk(part, scope, where)));
    const found = ((scope.mappings[map ?? ''] as Json | undefined)?.[top ?? ''] as Json | undefined)?.[second ?? ''];
    if (found === undefined) throw new TemplateError(`InvalidIntrinsic at ${where}: no mapping ${map}/${top}/${second}`);
    return found;
  },
  'Fn::Base64': (argument, scope, where) => base64(String(walk(argument, scope, where))),
  'Fn::GetAZs': (_argument, scope) => [`${scope.region}a`, `${scope.region}b`],
  'Fn::ImportValue': (argument, scope, where) => {
    const name = String(walk(argument, scope, where));
    const value = scope.importOf(name);
    if (value === undefined) throw new TemplateError(`UnresolvedImport at ${where}: no stack exports "${name}"`);
    return value;
  },
  'Fn::GetStackOutput': (argument, scope, where) => {
    const { StackName, OutputName } = argument as { readonly StackName: unknown; readonly OutputName: unknown };
    const stack = String(walk(StackName, scope, where));
    const value = scope.outputOf(stack, String(OutputName));
    if (value === undefined) throw new TemplateError(`UnresolvedOutput at ${where}: ${stack} has no output "${String(OutputName)}"`);
    return value;
  },
};

const base64 = (text: string): string => btoa(String.fromCharCode(...new TextEncoder().encode(text)));
