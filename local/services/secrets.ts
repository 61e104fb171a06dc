/** Secrets Manager with stub values: whatever the stack refers to exists, and its value says that it is a stand-in. */
import { AwsError } from '../endpoint/errors.ts';
import type { Authorize, Service } from '../endpoint/service.ts';
import { text } from '../endpoint/service.ts';

export interface SecretsOptions {
  readonly accountId: string;
  readonly region: string;
  /** Value of a secret by name; undefined means that it does not exist. */
  readonly valueOf: (name: string) => string | undefined;
}

/** Secrets Manager appends a hyphen and six characters to every name. */
const suffix = '-LocaL1';

export function secretName(id: string): string {
  const name = id.startsWith('arn:') ? id.split(':').slice(6).join(':') : id;
  return name.endsWith(suffix) ? name.slice(0, -suffix.length) : name;
}

export function createSecrets(options: SecretsOptions, authorize: Authorize): Service {
  return {
    target: 'secretsmanager',
    jsonVersion: '1.1',
    operations: {
      GetSecretValue(input, caller) {
        const name = secretName(text(input['SecretId']) ?? '');
        const arn = `arn:aws:secretsmanager:${options.region}:${options.accountId}:secret:${name}${suffix}`;
        authorize(caller, 'secretsmanager:GetSecretValue', arn);
        const value = options.valueOf(name);
        if (value === undefined) throw new AwsError('ResourceNotFoundException', "Secrets Manager can't find the specified secret.");
        return {
          ARN: arn,
          Name: name,
          SecretString: value,
          VersionId: '00000000-0000-4000-8000-000000000001',
          VersionStages: ['AWSCURRENT'],
        };
      },
    },
  };
}
