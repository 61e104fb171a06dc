/** All rules of `nightdesk check`, and how they are run. */
import { alarmRules } from './alarm-rules.ts';
import { compositeRules } from './composite-rules.ts';
import { dashboardRules } from './dashboard-rules.ts';
import { filterRules } from './filter-rules.ts';
import { metricRules } from './metric-rules.ts';
import type { CheckModel, Finding, FindingSeverity, Rule } from './rule.ts';
import { scheduleRules } from './schedule-rules.ts';
import { templateRules } from './template-rules.ts';

export const checkRules: readonly Rule[] = [
  ...alarmRules,
  ...metricRules,
  ...compositeRules,
  ...filterRules,
  ...dashboardRules,
  ...scheduleRules,
  ...templateRules,
];

const rank: Readonly<Record<FindingSeverity, number>> = { error: 0, warning: 1, info: 2 };

/** What the rules find, errors first, in the order of the templates. */
export function findingsOf(model: CheckModel, rules: readonly Rule[] = checkRules): readonly Finding[] {
  return rules
    .flatMap(({ id, severity, judge }) =>
      judge(model).map(remark => ({
        rule: id,
        severity: remark.severity ?? severity,
        file: remark.resource.file,
        path: ['Resources', remark.resource.logicalId, ...remark.keys].join('.'),
        value: remark.value ?? null,
        message: remark.message,
        stack: remark.resource.stack,
      })),
    )
    .sort((a, b) => rank[a.severity] - rank[b.severity]);
}

/** docs/check-rules.md. */
export function checkRulesPage(): string {
  const rows = checkRules.map(({ id, severity, says, source }) => `| \`${id}\` | ${severity} | ${says} | ${source} |`);
  return `${[
    '# Rules of `nightdesk check`',
    'Generated from the rules (`core/check`); `npm run golden` writes it. The same rules are a validation plugin for any CDK app:',
    "```ts\nimport { Validations } from 'aws-cdk-lib';\nimport { NightdeskChecks } from 'nightdesk';\n\nValidations.of(app).addPlugins(new NightdeskChecks());\n```",
    'An error fails `nightdesk check` and the synth. A finding may be milder than its rule where the templates do not tell everything.',
    ['| Rule | Severity | What must hold | Source |', '| --- | --- | --- | --- |', ...rows].join('\n'),
  ].join('\n\n')}\n`;
}
