/** What is wrong with a config: where, what was found, and the rule it breaks. */
export interface ConfigProblem {
  readonly code:
    | 'UNKNOWN_KEY'
    | 'MISSING'
    | 'WRONG_TYPE'
    | 'INVALID_VALUE'
    | 'SECRET_IN_CONFIG'
    | 'DUPLICATE_BOT'
    | 'DUPLICATE_STRATEGY'
    | 'DUPLICATE_LOG_GROUP'
    | 'UNKNOWN_HEARTBEAT_STRATEGY'
    | 'INTAKE_INTO_ADOPTED_GROUP'
    | 'TOO_MANY_INTAKE_BOTS'
    | 'UNKNOWN_CHANNEL'
    | 'UNKNOWN_GROUP_STRATEGY'
    | 'DUPLICATE_GROUP_STRATEGY'
    | 'GROUP_WITHOUT_LIMIT'
    | 'UNROUTED_SEVERITY'
    | 'NOT_READABLE'
    | 'NOT_PARSABLE';
  /** `bots[0].limits.dailyLoss`; for a file that cannot be read, `file:line`. */
  readonly path: string;
  /** What was found, as text; `***` for secrets. */
  readonly value: string;
  readonly rule: string;
}

/** `INVALID_VALUE at bots[0].limits.drawdown: must be at most 1: it is a fraction; was 10`. */
export function showProblem({ code, path, value, rule }: ConfigProblem): string {
  const where = path === '' ? '' : ` at ${path}`;
  return `${code}${where}: ${rule}${value === '' ? '' : `; was ${value}`}`;
}

/** Our fault, found at start or synth: all problems in one error. */
export class ConfigError extends Error {
  readonly problems: readonly ConfigProblem[];
  constructor(problems: readonly ConfigProblem[]) {
    super(problems.map(showProblem).join('\n'));
    this.name = 'ConfigError';
    this.problems = problems;
  }
}

/** Short JSON of a value; absent reads `nothing`. */
export function showValue(value: unknown): string {
  const text = value === undefined ? 'nothing' : (JSON.stringify(value) ?? String(value));
  return text.length <= 80 ? text : `${text.slice(0, 79)}…`;
}
