import { err, ok, type Result } from '../result.ts';
import { asArray, asObject, asText } from './loose-json.ts';

/** One statement of an IAM policy, every element as a list. */
export interface PolicyStatement {
  readonly sid?: string;
  readonly effect: 'Allow' | 'Deny';
  /** Patterns with `*` and `?`; letters of any case. */
  readonly actions: readonly string[];
  /** The statement is about all actions but these. */
  readonly exceptActions: boolean;
  readonly resources: readonly string[];
  /** The statement is about all resources but these. */
  readonly exceptResources: boolean;
  readonly conditions: readonly PolicyCondition[];
}

export interface PolicyCondition {
  /** Operator as written, e.g. `StringLikeIfExists` or `ForAllValues:StringEquals`. */
  readonly operator: string;
  readonly key: string;
  readonly values: readonly string[];
}

/** Values of the request by condition key, such as `cloudwatch:namespace`; keys of any case. */
export type ConditionContext = Readonly<Record<string, string | boolean | readonly string[]>>;

export interface PolicyDecision {
  readonly allowed: boolean;
  /** `implicitDeny`: no statement allows the action on the resource. */
  readonly because: 'allowed' | 'explicitDeny' | 'implicitDeny';
  readonly statement?: PolicyStatement;
}

/** Statements of a policy document (a resolved template's, or JSON). */
export function parsePolicy(document: unknown): Result<readonly PolicyStatement[], { readonly message: string }> {
  const record = asObject(document);
  const statements = record?.['Statement'];
  if (statements === undefined) return err({ message: 'policy: a document has a Statement' });
  const parsed: PolicyStatement[] = [];
  for (const [at, entry] of listOf(statements).entries()) {
    const statement = asObject(entry);
    const effect = statement?.['Effect'];
    if (statement === undefined || (effect !== 'Allow' && effect !== 'Deny'))
      return err({ message: `policy: Statement.${at}.Effect is Allow or Deny; was ${JSON.stringify(effect)}` });
    const sid = asText(statement['Sid']);
    parsed.push({
      ...(sid === undefined ? {} : { sid }),
      effect,
      actions: texts(statement['Action'] ?? statement['NotAction']),
      exceptActions: statement['Action'] === undefined && statement['NotAction'] !== undefined,
      resources: texts(statement['Resource'] ?? statement['NotResource'] ?? '*'),
      exceptResources: statement['Resource'] === undefined && statement['NotResource'] !== undefined,
      conditions: conditionsOf(statement['Condition']),
    });
  }
  return ok(parsed);
}

/**
 * Whether the statements allow an action on a resource: a matching Deny wins, then any matching Allow, else it is denied.
 * Source: IAM user guide, "Policy evaluation logic" (identity policies of one account). A condition operator that is not known here never
 * lets an Allow through and never switches a Deny off.
 */
export function isAllowed(
  statements: readonly PolicyStatement[],
  action: string,
  resource: string,
  context: ConditionContext = {},
): boolean {
  return decide(statements, action, resource, context).allowed;
}

/** The decision with the statement that made it. */
export function decide(
  statements: readonly PolicyStatement[],
  action: string,
  resource: string,
  context: ConditionContext = {},
): PolicyDecision {
  let allow: PolicyStatement | undefined;
  for (const statement of statements) {
    if (!isAbout(statement, action, resource) || !conditionsHold(statement, context)) continue;
    if (statement.effect === 'Deny') return { allowed: false, because: 'explicitDeny', statement };
    allow ??= statement;
  }
  return allow === undefined ? { allowed: false, because: 'implicitDeny' } : { allowed: true, because: 'allowed', statement: allow };
}

function isAbout(statement: PolicyStatement, action: string, resource: string): boolean {
  const wanted = action.toLowerCase();
  const names = statement.actions.some(pattern => matchesPattern(pattern.toLowerCase(), wanted));
  const covers = statement.resources.some(pattern => matchesPattern(pattern, resource));
  return names !== statement.exceptActions && covers !== statement.exceptResources;
}

function conditionsHold(statement: PolicyStatement, context: ConditionContext): boolean {
  return statement.conditions.every(condition => conditionHolds(condition, context) ?? statement.effect === 'Deny');
}

type Comparison = (value: string, wanted: string) => boolean;

const like: Comparison = (value, wanted) => matchesPattern(wanted, value);
const numbers =
  (compare: (a: number, b: number) => boolean): Comparison =>
  (value, wanted) =>
    compare(Number(value), Number(wanted));

/** Operators with whether they are negated: a negated one holds when no wanted value matches. */
const OPERATORS: Readonly<Record<string, { readonly compare: Comparison; readonly negated: boolean }>> = {
  StringEquals: { compare: (value, wanted) => value === wanted, negated: false },
  StringNotEquals: { compare: (value, wanted) => value === wanted, negated: true },
  StringEqualsIgnoreCase: { compare: (value, wanted) => value.toLowerCase() === wanted.toLowerCase(), negated: false },
  StringNotEqualsIgnoreCase: { compare: (value, wanted) => value.toLowerCase() === wanted.toLowerCase(), negated: true },
  StringLike: { compare: like, negated: false },
  StringNotLike: { compare: like, negated: true },
  ArnLike: { compare: like, negated: false },
  ArnEquals: { compare: like, negated: false },
  ArnNotLike: { compare: like, negated: true },
  ArnNotEquals: { compare: like, negated: true },
  Bool: { compare: (value, wanted) => value.toLowerCase() === wanted.toLowerCase(), negated: false },
  NumericEquals: { compare: numbers((a, b) => a === b), negated: false },
  NumericNotEquals: { compare: numbers((a, b) => a === b), negated: true },
  NumericLessThan: { compare: numbers((a, b) => a < b), negated: false },
  NumericLessThanEquals: { compare: numbers((a, b) => a <= b), negated: false },
  NumericGreaterThan: { compare: numbers((a, b) => a > b), negated: false },
  NumericGreaterThanEquals: { compare: numbers((a, b) => a >= b), negated: false },
};

/** Undefined for an operator that is not known. */
function conditionHolds(condition: PolicyCondition, context: ConditionContext): boolean | undefined {
  const [, quantifier, name = '', ifExists] = /^(?:(ForAllValues|ForAnyValue):)?(\w+?)(IfExists)?$/.exec(condition.operator) ?? [];
  const values = valuesOf(context, condition.key);
  if (name === 'Null') return condition.values.some(wanted => (wanted === 'true') === (values === undefined));
  const operator = OPERATORS[name];
  if (operator === undefined) return undefined;
  if (values === undefined || values.length === 0)
    return ifExists !== undefined || quantifier === 'ForAllValues' || (operator.negated && quantifier === undefined);
  const accepts = (value: string): boolean => condition.values.some(wanted => operator.compare(value, wanted)) !== operator.negated;
  return quantifier === 'ForAnyValue' ? values.some(accepts) : values.every(accepts);
}

function valuesOf(context: ConditionContext, key: string): readonly string[] | undefined {
  const wanted = key.toLowerCase();
  const found = Object.keys(context).find(name => name.toLowerCase() === wanted);
  const value = found === undefined ? undefined : context[found];
  if (value === undefined) return undefined;
  return typeof value === 'object' ? value : [String(value)];
}

function conditionsOf(value: unknown): readonly PolicyCondition[] {
  return Object.entries(asObject(value) ?? {}).flatMap(([operator, keys]) =>
    Object.entries(asObject(keys) ?? {}).map(([key, values]) => ({ operator, key, values: texts(values) })),
  );
}

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? asArray(value) : [value]);
const texts = (value: unknown): readonly string[] => listOf(value).flatMap(entry => asText(entry) ?? []);

const compiled = new Map<string, RegExp>();

/** Whether a text matches a pattern in which `*` stands for any text and `?` for one character. */
export function matchesPattern(pattern: string, text: string): boolean {
  if (pattern === '*' || pattern === text) return true;
  if (!/[*?]/.test(pattern)) return false;
  let expression = compiled.get(pattern);
  if (expression === undefined) {
    const source = pattern
      .replace(/[\\^$.+()[\]{}|]/g, '\\$&')
      .replaceAll('*', '[\\s\\S]*')
      .replaceAll('?', '[\\s\\S]');
    expression = new RegExp(`^${source}$`);
    if (compiled.size < 5000) compiled.set(pattern, expression);
  }
  return expression.test(text);
}
