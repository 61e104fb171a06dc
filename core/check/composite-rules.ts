/** Composite alarms: their rules with every reference resolved, as CloudWatch will read them. */
import {
  alarmNameOf,
  COMPOSITE_LIMITS,
  type CompositeRule,
  childrenOf,
  findCycles,
  parseCompositeRule,
} from '../cloudwatch/composite-rule.ts';
import { asArray, asText } from '../cloudwatch/loose-json.ts';
import { unresolvedIn } from '../template/resources.ts';
import { onAlarm } from './remark.ts';
import type { CheckedAlarm, CheckModel, Remark, Rule } from './rule.ts';

const GUIDE = 'CloudWatch user guide, "Create a composite alarm", and service quotas (2026)';

const composites = (model: CheckModel): readonly CheckedAlarm[] => model.alarms.filter(({ kind }) => kind === 'composite');
const ruleText = ({ properties }: CheckedAlarm): string => asText(properties['AlarmRule']) ?? '';

const at = (alarm: CheckedAlarm, key: string, value: unknown, message: string): Remark => onAlarm(alarm, [key], value, message);

function parsedRule(alarm: CheckedAlarm): CompositeRule | undefined {
  const parsed = parseCompositeRule(ruleText(alarm));
  return parsed.ok ? parsed.value : undefined;
}

/** Alarms that a rule names, each once, without parsing limits in the way. */
function namedIn(text: string): readonly string[] {
  const parts = [...text.matchAll(/"((?:[^"\\]|\\.)*)"|[(,]\s*([^\s(),"]+)\s*(?=[),])/g)].map(match => match[1] ?? match[2] ?? '');
  return [...new Set(parts)].filter(part => !isWordOfAtLeast.test(part));
}

/** Count, percentage or state at the head of AT_LEAST. */
const isWordOfAtLeast = /^(\d+%?|ALARM|OK|INSUFFICIENT_DATA)$/;

export const compositeRules: readonly Rule[] = [
  {
    id: 'COMPOSITE_RULE_TOO_LONG',
    severity: 'error',
    says: `A rule has at most ${COMPOSITE_LIMITS.characters.toLocaleString('en-US')} characters once its references are ARNs.`,
    source: GUIDE,
    judge: model =>
      composites(model).flatMap(alarm => {
        const { length } = ruleText(alarm);
        return length <= COMPOSITE_LIMITS.characters
          ? []
          : [at(alarm, 'AlarmRule', length, `the resolved rule has ${length} characters; name children by name, or nest composites`)];
      }),
  },
  {
    id: 'COMPOSITE_TOO_MANY_CHILDREN',
    severity: 'error',
    says: `A rule names at most ${COMPOSITE_LIMITS.children} alarms.`,
    source: GUIDE,
    judge: model =>
      composites(model).flatMap(alarm => {
        const children = namedIn(ruleText(alarm)).length;
        return children <= COMPOSITE_LIMITS.children ? [] : [at(alarm, 'AlarmRule', children, `${children} children; nest composites`)];
      }),
  },
  {
    id: 'COMPOSITE_RULE_INVALID',
    severity: 'error',
    says: `A rule parses: AND, OR, NOT, AT_LEAST and states of alarms, at most ${COMPOSITE_LIMITS.elements} of them.`,
    source: GUIDE,
    judge: model =>
      composites(model).flatMap(alarm => {
        const text = ruleText(alarm);
        const isUnresolved = alarm.resource.unresolved.some(({ property }) => property === 'AlarmRule');
        if (isUnresolved || text.length > COMPOSITE_LIMITS.characters || namedIn(text).length > COMPOSITE_LIMITS.children) return [];
        // What no file says is a name without blanks.
        const parsed = parseCompositeRule(text.replace(/\{\{unresolved: [^}]*\}\}/g, 'unresolved'));
        return parsed.ok ? [] : [at(alarm, 'AlarmRule', text, parsed.error.message)];
      }),
  },
  {
    id: 'COMPOSITE_CYCLE',
    severity: 'error',
    says: 'No composite watches itself, directly or through others: CloudWatch stops evaluating such alarms and refuses to delete them.',
    source: GUIDE,
    judge: model => {
      const byName = new Map(composites(model).map(alarm => [alarm.name, alarm]));
      const rules = new Map(
        composites(model).flatMap(alarm => {
          const rule = parsedRule(alarm);
          return rule === undefined ? [] : [[alarm.name, rule] as const];
        }),
      );
      return findCycles(rules).flatMap(cycle => {
        const alarm = byName.get(cycle[0] ?? '');
        return alarm === undefined ? [] : [at(alarm, 'AlarmRule', cycle, `watches itself: ${cycle.join(' → ')}`)];
      });
    },
  },
  {
    id: 'COMPOSITE_UNKNOWN_CHILD',
    severity: 'error',
    says: 'Every alarm that a rule or a suppressor names is in the templates; give those of all stacks together.',
    source: `${GUIDE}: a rule that names a missing alarm is refused`,
    judge: model => {
      const known = new Set(model.alarms.map(({ name }) => name));
      const others = new Set(model.resources.filter(({ type }) => /^AWS::CloudWatch::\w*Alarm$/.test(type)).map(({ name }) => name));
      const isMissing = (name: string): boolean =>
        unresolvedIn(name) === undefined && !known.has(name) && !others.has(name) && !isElsewhere(name, model);
      return composites(model).flatMap(alarm => {
        const rule = parsedRule(alarm);
        const children =
          rule === undefined ? [] : childrenOf(rule).filter(child => isMissing(isElsewhere(child, model) ? child : alarmNameOf(child)));
        const suppressor = asText(alarm.properties['ActionsSuppressor']);
        return [
          ...children.map(child => at(alarm, 'AlarmRule', child, `no template has an alarm "${alarmNameOf(child)}"`)),
          ...(suppressor !== undefined && isMissing(isElsewhere(suppressor, model) ? suppressor : alarmNameOf(suppressor))
            ? [at(alarm, 'ActionsSuppressor', suppressor, `no template has an alarm "${alarmNameOf(suppressor)}"`)]
            : []),
        ];
      });
    },
  },
  {
    id: 'COMPOSITE_ACTION_KIND',
    severity: 'error',
    says: 'A composite acts on topics, functions, OpsItems, incidents and investigations; not on instances or scaling groups.',
    source: GUIDE,
    judge: model =>
      composites(model).flatMap(alarm =>
        ['AlarmActions', 'OKActions', 'InsufficientDataActions'].flatMap(key =>
          asArray(alarm.properties[key])
            .map(action => asText(action) ?? '')
            .filter(action => /:(automate|autoscaling|swf):/.test(action))
            .map(action => at(alarm, key, action, 'a composite cannot do that')),
        ),
      ),
  },
];

/** An ARN of another account or region than the one that stands for the deployment's. */
const isElsewhere = (name: string, { place }: CheckModel): boolean =>
  name.startsWith('arn:') && !name.startsWith(`arn:aws:cloudwatch:${place.region}:${place.accountId}:`);
