import { GetSecretValueCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager';

/** Values behind secret references. Each is read once per process and again after `ttlMs`, so that a rotation is noticed. */
export interface Secrets {
  read(name: string): Promise<string>;
  /** Forgets a value that a channel refused. */
  forget(name: string): void;
}

export function createSecrets(client: SecretsManagerClient, now: () => number, ttlMs = 300_000): Secrets {
  const known = new Map<string, { readonly value: string; readonly until: number }>();
  return {
    read: async name => {
      const cached = known.get(name);
      if (cached !== undefined && cached.until > now()) return cached.value;
      const answer = await client.send(new GetSecretValueCommand({ SecretId: name }));
      const value = answer.SecretString?.trim();
      if (value === undefined || value === '') throw new Error(`EmptySecret at ${name}: the secret must hold the value as text`);
      known.set(name, { value, until: now() + ttlMs });
      return value;
    },
    forget: name => void known.delete(name),
  };
}
