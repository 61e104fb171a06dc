/** What each function may do, from the policies of its role in the template; what they do not grant is refused. */
import { isAllowed, parsePolicy } from '../core/cloudwatch/policy.ts';
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

/** The statements of all documents together, by core's reading of IAM. A document that cannot be read grants nothing. */
export const judgePolicies: Judge = (documents, { action, resource, context }) => {
  const statements = documents.flatMap(document => {
    const parsed = parsePolicy(document);
    return parsed.ok ? parsed.value : [];
  });
  return isAllowed(statements, action, resource, context);
};
