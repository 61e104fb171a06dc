import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { IPolicyValidationContext, IPolicyValidationPlugin, PolicyValidationPluginReport, PolicyViolation } from 'aws-cdk-lib';
import { readTemplateFile } from '../adapters/template-file.ts';
import { checkModel } from '../core/check/model.ts';
import type { Finding } from '../core/check/rule.ts';
import { checkRules, findingsOf } from '../core/check/rules.ts';
import { STAND_IN_PLACE } from '../core/template/resource-types.ts';
import { packageRoot } from './bundles.ts';

/**
 * The rules of `nightdesk check` as a validation plugin: `Validations.of(app).addPlugins(new NightdeskChecks())` makes a synth fail on
 * every error, in any CDK app. Warnings are reported; infos are left to the command.
 */
export class NightdeskChecks implements IPolicyValidationPlugin {
  readonly name = 'nightdesk-check';
  readonly ruleIds = checkRules.map(({ id }) => id);
  readonly version: string;

  constructor() {
    this.version = (JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8')) as { readonly version: string }).version;
  }

  validate(context: IPolicyValidationContext): PolicyValidationPluginReport {
    const templates = context.templatePaths.map(path => {
      const read = readTemplateFile(path);
      if (!read.ok) throw new Error(`UnreadableTemplate at ${path}: ${read.error.message}`);
      // By path: two stages of an app may hold stacks of the same name.
      return { file: path, name: path, template: read.value.template };
    });
    const place = { ...STAND_IN_PLACE, ...onlyDefined({ accountId: accountOf(context), region: regionOf(context) }) };
    const findings = findingsOf(checkModel({ templates, place, whole: false })).filter(({ severity }) => severity !== 'info');
    return { success: findings.every(({ severity }) => severity !== 'error'), violations: findings.map(violationOf) };
  }
}

/** The account, where all stacks have the same one and it is known. */
const accountOf = ({ stackTemplates }: IPolicyValidationContext) => only(stackTemplates.map(({ accountId }) => accountId));
const regionOf = ({ stackTemplates }: IPolicyValidationContext) => only(stackTemplates.map(({ region }) => region));

const only = (values: readonly (string | undefined)[]): string | undefined => (new Set(values).size === 1 ? values[0] : undefined);

const onlyDefined = (values: Readonly<Record<string, string | undefined>>): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(values).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])));

function violationOf({ rule, severity, file, path, message }: Finding): PolicyViolation {
  const [, resourceLogicalId = '', ...location] = path.split('.');
  return {
    ruleName: rule,
    severity,
    description: message,
    violatingResources: [{ resourceLogicalId, templatePath: file, locations: location.length === 0 ? ['Type'] : [location.join('.')] }],
  };
}
