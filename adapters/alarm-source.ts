/** Alarms from a config, a CloudFormation template (JSON or YAML) or a synthesized assembly, with file and line of what is wrong. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import type { AlarmSet, MetricAlias, SourcedAlarm, SourceProblem } from '../core/alarms/alarm-set.ts';
import { catalogueAlarms, metricStat } from '../core/catalogue/alarm-definitions.ts';
import { catalogue } from '../core/catalogue/index.ts';
import { metricName, topicName } from '../core/catalogue/names.ts';
import { seriesOf } from '../core/catalogue/series.ts';
import { asObject, asText, parseJson } from '../core/cloudwatch/loose-json.ts';
import { ALARM_RESOURCE_TYPES, alarmFromTemplate, type MuteRule, muteRuleFromTemplate } from '../core/cloudwatch/template-alarm.ts';
import { type ConfigProblem, showProblem } from '../core/config/problem.ts';
import type { NightdeskConfig } from '../core/config/types.ts';
import { err, ok, type Result } from '../core/result.ts';
import { STAND_IN_PLACE } from '../core/template/resource-types.ts';
import { type ForeignResource, foreignResources, type NameOf, unresolvedIn } from '../core/template/resources.ts';
import { loadConfigFile } from './config-file.ts';
import { readTemplateFile, type TemplateFile } from './template-file.ts';

export interface SourceOptions {
  /** Folder that the path is relative to. Default: the current one. */
  readonly cwd?: string;
  /** Values of template parameters by name. */
  readonly parameters?: Readonly<Record<string, unknown>>;
}

type Loaded<T> = Result<T, readonly SourceProblem[]>;

/** The alarms of a source. Alarms that cannot be read are named in `unusable`; a source that cannot be read at all is an error. */
export async function loadAlarmSource(path: string, { cwd = '.', parameters }: SourceOptions = {}): Promise<Loaded<AlarmSet>> {
  const file = resolve(cwd, path);
  switch (sourceKind(file)) {
    case 'config':
      return fromConfig(file, path);
    case 'assembly': {
      const templates = readAssembly(file, path);
      return templates.ok ? ok(setOf(path, 'assembly', templates.value, { parameters, config: configIn(file) })) : templates;
    }
    case 'template': {
      const template = readTemplateFile(file, path);
      return template.ok ? ok(setOf(path, 'template', [template.value], { parameters })) : err([template.error]);
    }
    case 'missing':
      return err([{ file: path, message: 'the file does not exist' }]);
  }
}

export type SourceKind = 'config' | 'assembly' | 'template' | 'missing';

/** What a path is: by its ending, and for JSON by what stands in it. */
export function sourceKind(file: string): SourceKind {
  if (!existsSync(file)) return 'missing';
  if (statSync(file).isDirectory()) return 'assembly';
  if (/\.[cm]?[jt]s$/.test(file)) return 'config';
  if (!file.endsWith('.json')) return 'template';
  const value = asObject(parseJson(readFileSync(file, 'utf8').replace(/^\uFEFF/, '')));
  return value !== undefined && value['bots'] !== undefined && value['Resources'] === undefined ? 'config' : 'template';
}

async function fromConfig(file: string, shown: string): Promise<Loaded<AlarmSet>> {
  const config = await loadConfigFile(file);
  if (config.ok) return ok(alarmSetOfConfig(config.value, shown));
  return err(config.error.map(problem => configProblem(problem, file, shown)));
}

/** A config's problem as one of a source. A file that does not parse names itself or an import of its own as `path:line`. */
export function configProblem(problem: ConfigProblem, file: string, shown: string): SourceProblem {
  const place = problem.code === 'NOT_PARSABLE' ? /^(.*):(\d+)$/.exec(problem.path) : null;
  if (place === null) return { file: shown, message: showProblem({ ...problem, path: problem.path === file ? '' : problem.path }) };
  const [, path = '', line] = place;
  return {
    file: basename(path) === basename(file) ? shown : path,
    line: Number(line),
    message: showProblem({ ...problem, path: '' }),
  };
}

/** The alarms that a config would deploy. Their actions are topics of a stand-in account. */
export function alarmSetOfConfig(config: NightdeskConfig, from: string): AlarmSet {
  const { region, accountId } = STAND_IN_PLACE;
  const actions = (severity: Parameters<typeof topicName>[1]) => [
    `arn:aws:sns:${region}:${accountId}:${topicName(config.stage, severity)}`,
  ];
  const alarms = catalogueAlarms(config, { actions }).map(({ definition }) => ({ definition, place: { file: from } }));
  return { from, kind: 'config', alarms, unusable: [], mutes: [], config, aliases: aliasesOf(config) };
}

/** Services' own metrics by the names that the catalogue and the dashboards use. */
function aliasesOf(config: NightdeskConfig): readonly MetricAlias[] {
  return catalogue
    .filter(({ metric }) => metric.source.from === 'aws')
    .flatMap(row =>
      seriesOf(row, config).map(series => ({
        metric: metricName(row.id),
        dimensions: series.dimensions,
        identity: metricStat(row, series, { statistic: row.metric.statistic, periodSeconds: 60 }, config),
      })),
    );
}

/** The templates of an assembly folder, named as their stacks. Stages' nested assemblies are read too. */
export function readAssembly(dir: string, shown: string): Loaded<readonly TemplateFile[]> {
  const manifestFile = join(dir, 'manifest.json');
  if (!existsSync(manifestFile)) return err([{ file: shown, message: 'is a folder without manifest.json; run the synth first' }]);
  const artifacts = asObject(asObject(parseJson(readFileSync(manifestFile, 'utf8')))?.['artifacts']);
  if (artifacts === undefined) return err([{ file: join(shown, 'manifest.json'), message: 'names no artifacts' }]);
  const templates: TemplateFile[] = [];
  const problems: SourceProblem[] = [];
  const take = (read: Loaded<readonly TemplateFile[]>) => {
    if (read.ok) templates.push(...read.value);
    else problems.push(...read.error);
  };
  for (const [id, artifact] of Object.entries(artifacts)) {
    const record = asObject(artifact);
    const properties = asObject(record?.['properties']);
    if (record?.['type'] === 'cdk:cloud-assembly') {
      const below = asText(properties?.['directoryName']) ?? id;
      take(readAssembly(join(dir, below), join(shown, below)));
    }
    if (record?.['type'] !== 'aws:cloudformation:stack') continue;
    const name = asText(properties?.['templateFile']) ?? `${id}.template.json`;
    const read = readTemplateFile(join(dir, name), join(shown, name), asText(properties?.['stackName']) ?? id);
    take(read.ok ? ok([read.value]) : err([read.error]));
  }
  return problems.length > 0 ? err(problems) : ok(templates);
}

/** The config that lies beside the functions of one of our assemblies. */
export function configIn(dir: string): NightdeskConfig | undefined {
  for (const entry of readdirSync(dir)) {
    const file = join(dir, entry, 'config.json');
    if (!entry.startsWith('asset.') || !existsSync(file)) continue;
    const value = asObject(parseJson(readFileSync(file, 'utf8')));
    if (value?.['stage'] !== undefined && value['routes'] !== undefined) return value as unknown as NightdeskConfig;
  }
  return undefined;
}

interface Around {
  readonly parameters?: Readonly<Record<string, unknown>> | undefined;
  readonly config?: NightdeskConfig | undefined;
}

/** Unnamed resources go by their logical ids: that is how the author of a test knows them. */
const byLogicalId: NameOf = (_stack, logicalId) => logicalId;

function setOf(from: string, kind: 'template' | 'assembly', files: readonly TemplateFile[], { parameters, config }: Around): AlarmSet {
  const fileOf = new Map(files.map(file => [file.name, file]));
  const resources = foreignResources(files, STAND_IN_PLACE, { nameOf: byLogicalId, ...(parameters === undefined ? {} : { parameters }) });
  const alarms: SourcedAlarm[] = [];
  const unusable: AlarmSet['unusable'][number][] = [];
  const mutes: MuteRule[] = [];
  for (const resource of resources) {
    const file = fileOf.get(resource.stack);
    const isAlarm = (ALARM_RESOURCE_TYPES as readonly string[]).includes(resource.type);
    if (file === undefined || !(isAlarm || resource.type === 'AWS::CloudWatch::AlarmMuteRule')) continue;
    const { logicalId, name } = resource;
    const at = (...keys: readonly string[]) => placeIn(file, ['Resources', logicalId, ...keys]);
    const open = openProblem(resource);
    if (open !== undefined) {
      unusable.push({
        name,
        logicalId,
        ...(isAlarm ? {} : { isMute: true }),
        ...at('Properties', open.property),
        message: `${logicalId}.${open.property}: ${open.message}`,
      });
    } else if (isAlarm) {
      const read = alarmFromTemplate(resource.type, resource.properties, name);
      if (read.ok) alarms.push({ definition: read.value, logicalId, place: at() });
      else
        for (const { path, message } of read.error)
          unusable.push({ name, logicalId, ...at('Properties', ...path.split('.')), message: `${logicalId}: ${message}` });
    } else {
      const read = muteRuleFromTemplate(resource.properties, name);
      if (read.ok) mutes.push(read.value);
      else
        for (const { message } of read.error)
          unusable.push({ name, logicalId, isMute: true, ...at(), message: `${logicalId}: ${message}` });
    }
  }
  return { from, kind, alarms, unusable, mutes, ...(config === undefined ? {} : { config }), aliases: [] };
}

const placeIn = (file: TemplateFile, keys: readonly string[]) => {
  const line = file.lineOf(keys);
  return { file: file.file, ...(line === undefined ? {} : { line }) };
};

/** Whom an alarm tells may be left open by a template; what it watches may not. */
const mayStayOpen: readonly string[] = ['AlarmActions', 'OKActions', 'InsufficientDataActions', 'AlarmDescription', 'Tags'];

/** The first property that names nothing, or depends on what no file says. */
function openProblem({ properties, unresolved }: ForeignResource): { readonly property: string; readonly message: string } | undefined {
  const broken = unresolved[0];
  if (broken !== undefined) return broken;
  for (const [property, value] of Object.entries(properties)) {
    const open = unresolvedIn(value);
    if (open !== undefined && !mayStayOpen.includes(property)) return { property, message: `UnresolvedValue: ${open}` };
  }
  return undefined;
}
