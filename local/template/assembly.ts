/**
 * Reads a synthesized assembly (the folder that `cdk deploy` deploys) into resources with their physical names, ARNs and
 * resolved properties. Whatever the local stack does not know is named, all of it, in one error.
 */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { TemplateError } from '../../core/template/intrinsics.ts';
import type { Place } from '../../core/template/resource-types.ts';
import { type NamedTemplate, type RawTemplate, type Resource, resourcesOf as resolvedResources } from '../../core/template/resources.ts';

export type { Resource } from '../../core/template/resources.ts';

export interface Assembly {
  readonly place: Place;
  readonly resources: readonly Resource[];
  readonly ofType: (...types: readonly string[]) => readonly Resource[];
  /** Folder of a file asset by the hash in its S3 key. */
  readonly assetDir: (s3Key: string) => string;
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

/** @throws TemplateError for a type that the local stack does not know, or an intrinsic that does not resolve. */
export const resourcesOf = (templates: readonly NamedTemplate[], place: Place, secretText: (name: string) => string): readonly Resource[] =>
  resolvedResources(templates, place, { nameOf: generatedName, secretText });

/** `Stack-LogicalId-HASH`, as CloudFormation makes names, but the same each time. */
function generatedName(stack: string, logicalId: string, max: number, suffix: string): string {
  const hash = createHash('sha256').update(`${stack}/${logicalId}`).digest('hex').slice(0, 12).toUpperCase();
  const room = max - hash.length - suffix.length - 1;
  return `${`${stack}-${logicalId}`.slice(0, room)}-${hash}${suffix}`;
}
