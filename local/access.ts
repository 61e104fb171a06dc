/** What each function may do, from the policies of its role in the template; what they do not grant is refused. */
import { AwsError } from './endpoint/errors.ts';
import type { Authorize } from './endpoint/service.ts';
import type { FunctionDefinition } from './functions/host.ts';

export type PolicyDocument = Readonly<Record<string, unknown>>;

export interface AccessRequest {
  readonly action: string;
  readonly resource: string;
  readonly context: Readonly<Record<string, string>>;
}

/** Whether the documents allow the request: an explicit deny wins, no statement means no. */
export type Judge = (documents: readonly PolicyDocument[], request: AccessRequest) => boolean;

export function createAuthorize(
  functions: readonly FunctionDefinition[],
  policies: ReadonlyMap<string, readonly PolicyDocument[]>,
  judge: Judge,
): Authorize {
  const roles = new Map(functions.map(definition => [definition.name, definition.roleArn]));
  const known = new Map<string, boolean>();
  return (caller, action, resource, context = {}) => {
    const { functionName } = caller;
    if (functionName === undefined) return;
    const key = `${functionName}\n${action}\n${resource}\n${context['cloudwatch:namespace'] ?? ''}`;
    let isAllowed = known.get(key);
    if (isAllowed === undefined) {
      isAllowed = judge(policies.get(roles.get(functionName) ?? '') ?? [], { action, resource, context });
      known.set(key, isAllowed);
    }
    if (isAllowed) return;
    throw new AwsError(
      'AccessDeniedException',
      `User: ${roles.get(functionName)}/${functionName} is not authorized to perform: ${action} on resource: ${resource} because no identity-based policy allows the ${action} action`,
    );
  };
}

type Statement = Readonly<Record<string, unknown>>;

const texts = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.map(String) : value === undefined ? [] : [String(value)];

function isLike(pattern: string, text: string): boolean {
  const regex = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replace(/\*/g, '.*')
    .replace(/\?/g, '.');
  return new RegExp(`^${regex}$`, 's').test(text);
}

/** The part of IAM's language that identity policies of a stack use: wildcards, deny before allow, string conditions. */
export const judgePolicies: Judge = (documents, request) => {
  const statements = documents.flatMap(document =>
    Array.isArray(document['Statement']) ? (document['Statement'] as Statement[]) : [document['Statement'] as Statement],
  );
  const fitting = statements.filter(statement => fits(statement, request));
  return fitting.some(({ Effect }) => Effect === 'Allow') && !fitting.some(({ Effect }) => Effect === 'Deny');
};

function fits(statement: Statement, { action, resource, context }: AccessRequest): boolean {
  const actions = texts(statement['Action']);
  if (!actions.some(pattern => isLike(pattern.toLowerCase(), action.toLowerCase()))) return false;
  if (!texts(statement['Resource']).some(pattern => isLike(pattern, resource))) return false;
  return Object.entries((statement['Condition'] as Readonly<Record<string, Statement>> | undefined) ?? {}).every(([operator, keys]) =>
    Object.entries(keys).every(([key, wanted]) => holds(operator, texts(wanted), context[key] ?? context[key.toLowerCase()])),
  );
}

/** A key that the request does not carry fails, as in IAM, unless the operator says IfExists. */
function holds(operator: string, wanted: readonly string[], found: string | undefined): boolean {
  if (found === undefined) return operator.endsWith('IfExists');
  const name = operator.replace(/IfExists$/, '').replace(/^ForA\w+Values:/, '');
  if (name === 'StringEquals' || name === 'ArnEquals' || name === 'Bool') return wanted.includes(found);
  if (name === 'StringLike' || name === 'ArnLike') return wanted.some(pattern => isLike(pattern, found));
  if (name === 'StringNotEquals') return !wanted.includes(found);
  return false;
}
