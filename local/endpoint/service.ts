/** How the endpoint talks to the services behind it. */

/** Who calls: one of the stack's functions, or somebody outside (no name), who may do everything. */
export interface Caller {
  readonly functionName?: string;
}

/** Checks one action on one resource; throws AccessDeniedException. `context` holds condition keys such as `cloudwatch:namespace`. */
export type Authorize = (caller: Caller, action: string, resource: string, context?: Readonly<Record<string, string>>) => void;

export type Operation = (input: Input, caller: Caller) => unknown;

/** A request's members, not yet validated: services read what they need. */
export type Input = Readonly<Record<string, unknown>>;

export interface Service {
  /** Prefix of `x-amz-target`, such as `DynamoDB_20120810`. */
  readonly target: string;
  /** `Version` parameter of the Query protocol; absent when the service does not speak it. */
  readonly queryVersion?: string;
  readonly jsonVersion: '1.0' | '1.1';
  readonly operations: Readonly<Record<string, Operation>>;
}

export const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
export const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
export const record = (value: unknown): Input =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Input) : {};
