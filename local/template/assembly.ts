/**
 * Reads a synthesized assembly (the folder that `cdk deploy` deploys) into resources with their physical names, ARNs and
 * resolved properties. Whatever the local stack does not know is named, all of it, in one error.
 */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Scope } from './intrinsics.ts';
import { resolve, TemplateError } from './intrinsics.ts';
import type { Identity, Place } from './resource-types.ts';
import { inertTypes, resourceTypes } from './resource-types.ts';

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

export interface Assembly {
  readonly place: Place;
  readonly resources: readonly Resource[];
  readonly ofType: (...types: readonly string[]) => readonly Resource[];
  /** Folder of a file asset by the hash in its S3 key. */
  readonly assetDir: (s3Key: string) => string;
}

interface RawResource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
  readonly Condition?: string;
  readonly Metadata?: Readonly<Record<string, unknown>>;
}

interface RawTemplate {
  readonly Parameters?: Readonly<Record<string, { readonly Default?: unknown }>>;
  readonly Mappings?: Readonly<Record<string, unknown>>;
  readonly Conditions?: Readonly<Record<string, unknown>>;
  readonly Resources?: Readonly<Record<string, RawResource>>;
  readonly Outputs?: Readonly<Record<string, { readonly Value: unknown; readonly Export?: { readonly Name: unknown } }>>;
}

interface Stack {
  readonly name: string;
  readonly template: RawTemplate;
  readonly scope: Scope;
}

/** Reads `manifest.json` and each stack's template. `secretText` gives what dynamic references to secrets stand for. */
export function loadAssembly(dir: string, place: Place, secretText: (name: string) => string = name => `local-secret:${name}`): Assembly {
  const manifestFile = join(dir, 'manifest.json');
  if (!existsSync(manifestFile)) throw new TemplateError(`NoAssembly at ${dir}: there is no manifest.json; run the synth first`);
  const manifest = JSON.parse(readFileSync(manifestFile, 'utf8')) as { readonly artifacts?: Readonly<Record<string, Artifact>> };
  const artifacts = Object.entries(manifest.artifacts ?? {});
  const templates = artifacts
    .filter(([, artifact]) => artifact.type === 'aws:cloudformation:stack')
    .map(([id, artifact]) => ({
      name: artifact.properties?.stackName ?? id,
      template: JSON.parse(readFileSync(join(dir, artifact.properties?.templateFile ?? ''), 'utf8')) as RawTemplate,
    }));
  const assets = new Map<string, string>();
  for (const [, artifact] of artifacts) {
    if (artifact.type !== 'cdk:asset-manifest' || artifact.properties?.file === undefined) continue;
    const { files } = JSON.parse(readFileSync(join(dir, artifact.properties.file), 'utf8')) as {
      readonly files?: Readonly<Record<string, { readonly source: { readonly path?: string } }>>;
    };
    for (const [hash, file] of Object.entries(files ?? {}))
      if (file.source.path !== undefined) assets.set(hash, join(dir, file.source.path));
  }
  const resources = resourcesOf(templates, place, secretText);
  return {
    place,
    resources,
    ofType: (...types) => resources.filter(resource => types.includes(resource.type)),
    assetDir(s3Key) {
      const hash =
        s3Key
          .replace(/\.\w+$/, '')
          .split('/')
          .at(-1) ?? '';
      const path = assets.get(hash);
      if (path === undefined) throw new TemplateError(`UnknownAsset: ${s3Key} is not in the assembly at ${dir}`);
      return path;
    },
  };
}

interface Artifact {
  readonly type: string;
  readonly properties?: { readonly templateFile?: string; readonly stackName?: string; readonly file?: string };
}

export function resourcesOf(
  templates: readonly { readonly name: string; readonly template: RawTemplate }[],
  place: Place,
  secretText: (name: string) => string,
): readonly Resource[] {
  refuseUnknown(templates);
  const stacks = new Map<string, Stack>();
  for (const { name, template } of templates)
    stacks.set(name, { name, template, scope: scopeOf(name, template, stacks, place, secretText) });
  return [...stacks.values()].flatMap(({ name, template, scope }) =>
    Object.entries(template.Resources ?? {}).flatMap(([logicalId, raw]) => {
      if (!isMade(raw, scope)) return [];
      const where = `${name}/${logicalId}`;
      const known = resourceTypes[raw.Type];
      const properties =
        known === undefined ? {} : ((resolve(raw.Properties ?? {}, scope, where) ?? {}) as Readonly<Record<string, unknown>>);
      const identity = identityOf(name, logicalId, raw, scope, place);
      const path = raw.Metadata?.['aws:cdk:path'];
      return [
        {
          stack: name,
          logicalId,
          type: raw.Type,
          path: typeof path === 'string' ? path : logicalId,
          name: identity.name,
          ref: identity.ref,
          arn: identity.arn,
          properties,
        },
      ];
    }),
  );
}

const isMade = (raw: RawResource, scope: Scope) =>
  raw.Condition === undefined || resolve({ Condition: raw.Condition }, scope, 'Condition') === true;

function refuseUnknown(templates: readonly { readonly name: string; readonly template: RawTemplate }[]): void {
  const unknown = templates.flatMap(({ name, template }) =>
    Object.entries(template.Resources ?? {})
      .filter(([, { Type }]) => resourceTypes[Type] === undefined && !inertTypes.has(Type))
      .map(([logicalId, { Type }]) => `${Type} (${name}/${logicalId})`),
  );
  if (unknown.length > 0) throw new TemplateError(`UnknownResourceType: the local stack does not know ${unknown.join(', ')}`);
}

function scopeOf(
  name: string,
  template: RawTemplate,
  stacks: ReadonlyMap<string, Stack>,
  place: Place,
  secretText: (name: string) => string,
): Scope {
  const identities = new Map<string, Identity>();
  const resources = template.Resources ?? {};
  const identity = (logicalId: string): Identity | undefined => {
    const raw = resources[logicalId];
    if (raw === undefined) return undefined;
    const known = identities.get(logicalId) ?? identityOf(name, logicalId, raw, scope, place);
    identities.set(logicalId, known);
    return known;
  };
  const scope: Scope = {
    stackName: name,
    region: place.region,
    accountId: place.accountId,
    parameters: Object.fromEntries(Object.entries(template.Parameters ?? {}).map(([key, { Default }]) => [key, Default ?? ''])),
    mappings: template.Mappings ?? {},
    conditions: template.Conditions ?? {},
    refOf: logicalId => identity(logicalId)?.ref,
    attributeOf: (logicalId, attribute) => identity(logicalId)?.attributes[attribute],
    importOf(exportName) {
      for (const stack of stacks.values()) {
        for (const [key, output] of Object.entries(stack.template.Outputs ?? {})) {
          if (output.Export === undefined || resolve(output.Export.Name, stack.scope, 'Export') !== exportName) continue;
          return resolve(output.Value, stack.scope, `${stack.name}/Outputs/${key}`);
        }
      }
      return undefined;
    },
    outputOf(stackName, outputName) {
      const stack = stacks.get(stackName);
      const output = stack?.template.Outputs?.[outputName];
      return stack === undefined || output === undefined
        ? undefined
        : resolve(output.Value, stack.scope, `${stackName}/Outputs/${outputName}`);
    },
    dynamicOf(service, reference) {
      if (service !== 'secretsmanager') return `local-${service}:${reference}`;
      const [secret] = reference.startsWith('arn:') ? [reference.split(':').slice(0, 7).join(':')] : reference.split(':');
      return secretText(secret ?? reference);
    },
  };
  return scope;
}

function identityOf(stack: string, logicalId: string, raw: RawResource, scope: Scope, place: Place): Identity & { readonly name: string } {
  const type = resourceTypes[raw.Type];
  const given = type?.nameProperty === undefined ? undefined : raw.Properties?.[type.nameProperty];
  const isFifo = raw.Type === 'AWS::SQS::Queue' && raw.Properties?.['FifoQueue'] === true;
  const name =
    given === undefined
      ? generatedName(stack, logicalId, type?.maxNameLength ?? 255, isFifo ? '.fifo' : '')
      : String(resolve(given, scope, `${stack}/${logicalId}`));
  if (type === undefined)
    return { name, ref: name, arn: name, attributes: { Arn: `arn:aws:local:${place.region}:${place.accountId}:${name}`, Id: name } };
  return { name, ...type.identify(name, place, raw.Properties ?? {}) };
}

/** `Stack-LogicalId-HASH`, as CloudFormation makes names, but the same each time. */
function generatedName(stack: string, logicalId: string, max: number, suffix: string): string {
  const hash = createHash('sha256').update(`${stack}/${logicalId}`).digest('hex').slice(0, 12).toUpperCase();
  const room = max - hash.length - suffix.length - 1;
  return `${`${stack}-${logicalId}`.slice(0, room)}-${hash}${suffix}`;
}
