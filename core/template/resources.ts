/** The resources of templates with their physical names, ARNs and resolved properties. Intrinsics of several stacks see each other. */
import { resolve, type Scope, TemplateError } from './intrinsics.ts';
import { type Identity, inertTypes, type Place, resourceTypes } from './resource-types.ts';

export interface Resource {
  readonly stack: string;
  readonly logicalId: string;
  readonly type: string;
  /** Path in the construct tree, as CDK's metadata says; else the logical id. */
  readonly path: string;
  readonly name: string;
  readonly ref: string;
  readonly arn: string;
  readonly properties: Readonly<Record<string, unknown>>;
}

export interface RawResource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
  readonly Condition?: string;
  readonly Metadata?: Readonly<Record<string, unknown>>;
}

export interface RawTemplate {
  readonly Parameters?: Readonly<Record<string, { readonly Default?: unknown }>>;
  readonly Mappings?: Readonly<Record<string, unknown>>;
  readonly Conditions?: Readonly<Record<string, unknown>>;
  readonly Resources?: Readonly<Record<string, RawResource>>;
  readonly Outputs?: Readonly<Record<string, { readonly Value: unknown; readonly Export?: { readonly Name: unknown } }>>;
}

export interface NamedTemplate {
  readonly name: string;
  readonly template: RawTemplate;
}

/** What a physical name is when the template gives none. */
export type NameOf = (stack: string, logicalId: string, maxLength: number, suffix: string) => string;

export interface ResolveOptions {
  readonly nameOf: NameOf;
  /** What dynamic references to secrets stand for. */
  readonly secretText: (name: string) => string;
}

/**
 * Resources whose types are all known, as one machine can run them.
 * @throws TemplateError that names every unknown type, or the first intrinsic that does not resolve.
 */
export function resourcesOf(templates: readonly NamedTemplate[], place: Place, options: ResolveOptions): readonly Resource[] {
  refuseUnknown(templates);
  const stacks = scopesOf(templates, place, { ...options, foreign: false });
  return stacks.flatMap(stack =>
    madeOf(stack).map(([logicalId, raw]) => {
      const where = `${stack.name}/${logicalId}`;
      const known = resourceTypes[raw.Type];
      const properties = known === undefined ? {} : (resolve(raw.Properties ?? {}, stack.scope, where) ?? {});
      return { ...describe(stack, logicalId, raw, place, options.nameOf), properties: properties as Resource['properties'] };
    }),
  );
}

/** Why a property has no value: it names something that does not exist. */
export interface UnresolvedProperty {
  readonly property: string;
  readonly message: string;
}

export interface ForeignResource extends Resource {
  /** Properties that do not resolve; they are left out of `properties`. */
  readonly unresolved: readonly UnresolvedProperty[];
}

export interface ForeignOptions {
  readonly nameOf: NameOf;
  /** Values of parameters by name; the others have their default. */
  readonly parameters?: Readonly<Record<string, unknown>>;
}

/**
 * Resources of any template, for readers that need not run it: unknown types keep their properties, attributes that only the cloud
 * knows read `LogicalId.Attribute`, and what no file says (a parameter without default, another stack's export, a stored secret)
 * becomes a text that `unresolvedIn` finds. References to nothing are reported by property.
 */
export function foreignResources(templates: readonly NamedTemplate[], place: Place, options: ForeignOptions): readonly ForeignResource[] {
  const stacks = scopesOf(templates, place, { ...options, secretText: name => unresolvedText(`secret ${name}`), foreign: true });
  return stacks.flatMap(stack =>
    Object.entries(stack.template.Resources ?? {}).flatMap(([logicalId, raw]) => {
      const unresolved: UnresolvedProperty[] = [];
      const attempt = <T>(property: string, compute: () => T): T | undefined => {
        try {
          return compute();
        } catch (error) {
          unresolved.push({ property, message: error instanceof Error ? error.message : String(error) });
          return undefined;
        }
      };
      if (attempt('Condition', () => isMade(raw, stack.scope)) === false) return [];
      const properties: Record<string, unknown> = {};
      for (const [property, value] of Object.entries(raw.Properties ?? {})) {
        const resolved = attempt(property, () => resolve(value, stack.scope, `${stack.name}/${logicalId}.${property}`));
        if (resolved !== undefined) properties[property] = resolved;
      }
      const nameless = { ...raw, Properties: {} };
      const identity = (of: RawResource) => describe(stack, logicalId, of, place, options.nameOf);
      // A name that does not resolve is among the properties already.
      const named = unresolved.length === 0 ? identity(raw) : (attemptQuietly(() => identity(raw)) ?? identity(nameless));
      return [{ ...named, properties, unresolved }];
    }),
  );
}

function attemptQuietly<T>(compute: () => T): T | undefined {
  try {
    return compute();
  } catch {
    return undefined;
  }
}

const unresolvedText = (what: string): string => `{{unresolved: ${what}}}`;

/** What a value depends on that no file says, such as `parameter Limit`; undefined when it is complete. */
export function unresolvedIn(value: unknown): string | undefined {
  if (typeof value === 'string') return /\{\{unresolved: ([^}]*)\}\}/.exec(value)?.[1];
  if (typeof value !== 'object' || value === null) return undefined;
  for (const part of Object.values(value)) {
    const found = unresolvedIn(part);
    if (found !== undefined) return found;
  }
  return undefined;
}

interface Stack extends NamedTemplate {
  readonly scope: Scope;
}

function describe(stack: Stack, logicalId: string, raw: RawResource, place: Place, nameOf: NameOf): Omit<Resource, 'properties'> {
  const { name, ref, arn } = identityOf(stack.name, logicalId, raw, stack.scope, { place, nameOf });
  const path = raw.Metadata?.['aws:cdk:path'];
  return { stack: stack.name, logicalId, type: raw.Type, path: typeof path === 'string' ? path : logicalId, name, ref, arn };
}

const madeOf = ({ template, scope }: Stack): readonly (readonly [string, RawResource])[] =>
  Object.entries(template.Resources ?? {}).filter(([, raw]) => isMade(raw, scope));

const isMade = (raw: RawResource, scope: Scope): boolean =>
  raw.Condition === undefined || resolve({ Condition: raw.Condition }, scope, 'Condition') === true;

function refuseUnknown(templates: readonly NamedTemplate[]): void {
  const unknown = templates.flatMap(({ name, template }) =>
    Object.entries(template.Resources ?? {})
      .filter(([, { Type }]) => resourceTypes[Type] === undefined && !inertTypes.has(Type))
      .map(([logicalId, { Type }]) => `${Type} (${name}/${logicalId})`),
  );
  if (unknown.length > 0) throw new TemplateError(`UnknownResourceType: the local stack does not know ${unknown.join(', ')}`);
}

interface ScopeOptions extends ResolveOptions {
  readonly foreign: boolean;
  readonly parameters?: Readonly<Record<string, unknown>>;
}

function scopesOf(templates: readonly NamedTemplate[], place: Place, options: ScopeOptions): readonly Stack[] {
  const stacks = new Map<string, Stack>();
  for (const { name, template } of templates)
    stacks.set(name, { name, template, scope: scopeOf({ name, template }, stacks, place, options) });
  return [...stacks.values()];
}

function scopeOf({ name, template }: NamedTemplate, stacks: ReadonlyMap<string, Stack>, place: Place, options: ScopeOptions): Scope {
  const identities = new Map<string, Identity>();
  const resources = template.Resources ?? {};
  const identity = (logicalId: string): Identity | undefined => {
    const raw = resources[logicalId];
    if (raw === undefined) return undefined;
    const known = identities.get(logicalId) ?? identityOf(name, logicalId, raw, scope, { place, nameOf: options.nameOf });
    identities.set(logicalId, known);
    return known;
  };
  const orMarked = (value: unknown, what: string): unknown => (value === undefined && options.foreign ? unresolvedText(what) : value);
  const scope: Scope = {
    stackName: name,
    region: place.region,
    accountId: place.accountId,
    parameters: parametersOf(template, options),
    mappings: template.Mappings ?? {},
    conditions: template.Conditions ?? {},
    refOf: logicalId => identity(logicalId)?.ref,
    attributeOf: (logicalId, attribute) => {
      const known = identity(logicalId);
      return known === undefined || !options.foreign ? known?.attributes[attribute] : attributeIn(known, logicalId, attribute);
    },
    importOf: exportName => orMarked(importedFrom(stacks, exportName), `export ${exportName}`),
    outputOf(stackName, outputName) {
      const stack = stacks.get(stackName);
      const output = stack?.template.Outputs?.[outputName];
      const value =
        stack === undefined || output === undefined ? undefined : resolve(output.Value, stack.scope, `${stackName}/Outputs/${outputName}`);
      return orMarked(value, `output ${stackName}.${outputName}`);
    },
    dynamicOf(service, reference) {
      if (service !== 'secretsmanager')
        return options.foreign ? unresolvedText(`${service} ${reference}`) : `local-${service}:${reference}`;
      const [secret] = reference.startsWith('arn:') ? [reference.split(':').slice(0, 7).join(':')] : reference.split(':');
      return options.secretText(secret ?? reference);
    },
  };
  return scope;
}

const attributeIn = (known: Identity, logicalId: string, attribute: string): unknown =>
  known.attributes[attribute] ?? (attribute === 'Arn' || attribute.endsWith('Arn') ? known.arn : `${logicalId}.${attribute}`);

function parametersOf(template: RawTemplate, { foreign, parameters = {} }: ScopeOptions): Readonly<Record<string, unknown>> {
  const none = (key: string) => (foreign ? unresolvedText(`parameter ${key} has no default`) : '');
  return Object.fromEntries(
    Object.entries(template.Parameters ?? {}).map(([key, { Default }]) => [key, parameters[key] ?? Default ?? none(key)]),
  );
}

function importedFrom(stacks: ReadonlyMap<string, Stack>, exportName: string): unknown {
  for (const stack of stacks.values()) {
    for (const [key, output] of Object.entries(stack.template.Outputs ?? {})) {
      if (output.Export === undefined || resolve(output.Export.Name, stack.scope, 'Export') !== exportName) continue;
      return resolve(output.Value, stack.scope, `${stack.name}/Outputs/${key}`);
    }
  }
  return undefined;
}

interface Naming {
  readonly place: Place;
  readonly nameOf: NameOf;
}

function identityOf(
  stack: string,
  logicalId: string,
  raw: RawResource,
  scope: Scope,
  { place, nameOf }: Naming,
): Identity & { readonly name: string } {
  const type = resourceTypes[raw.Type];
  const given = type?.nameProperty === undefined ? undefined : raw.Properties?.[type.nameProperty];
  const isFifo = raw.Type === 'AWS::SQS::Queue' && raw.Properties?.['FifoQueue'] === true;
  const name =
    given === undefined
      ? nameOf(stack, logicalId, type?.maxNameLength ?? 255, isFifo ? '.fifo' : '')
      : String(resolve(given, scope, `${stack}/${logicalId}`));
  if (type === undefined)
    return { name, ref: name, arn: name, attributes: { Arn: `arn:aws:local:${place.region}:${place.accountId}:${name}`, Id: name } };
  return { name, ...type.identify(name, place, raw.Properties ?? {}) };
}
