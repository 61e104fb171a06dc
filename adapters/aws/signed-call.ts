/**
 * One call of an AWS service, signed by hand (Signature Version 4). For a single call it weighs a fortieth of the service's
 * client, and function bundles are bounded. Credentials and region are those of the environment; `AWS_ENDPOINT_URL` leads elsewhere.
 * Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html (2026-11).
 */
import { createHash, createHmac } from 'node:crypto';

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

export interface ToSign {
  readonly method: string;
  readonly url: string;
  /** With lower-case names; `host` is added. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const hmac = (key: string | Uint8Array, text: string): Buffer => createHmac('sha256', key).update(text).digest();

/** The headers of the request with its signature. Query parameters must be sorted and encoded already. */
export function signed(
  { method, url, headers, body }: ToSign,
  scope: { readonly service: string; readonly region: string; readonly now: number },
  { accessKeyId, secretAccessKey, sessionToken }: Credentials,
): Readonly<Record<string, string>> {
  const { host, pathname, searchParams } = new URL(url);
  const time = `${new Date(scope.now).toISOString().replace(/[-:]|\.\d+/g, '')}`;
  const day = time.slice(0, 8);
  const sent = { ...headers, host, 'x-amz-date': time, ...(sessionToken === undefined ? {} : { 'x-amz-security-token': sessionToken }) };
  const names = Object.keys(sent).sort();
  const canonical = [
    method,
    pathname,
    searchParams.toString(),
    ...Object.entries(sent)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, value]) => `${name}:${value.trim()}`),
    '',
    names.join(';'),
    sha256(body),
  ].join('\n');
  const credentialScope = `${day}/${scope.region}/${scope.service}/aws4_request`;
  const toSign = ['AWS4-HMAC-SHA256', time, credentialScope, sha256(canonical)].join('\n');
  const key = [scope.region, scope.service, 'aws4_request'].reduce<Buffer>(
    (last, part) => hmac(last, part),
    hmac(`AWS4${secretAccessKey}`, day),
  );
  const signature = hmac(key, toSign).toString('hex');
  const { host: _, ...rest } = sent;
  return {
    ...rest,
    authorization: `AWS4-HMAC-SHA256 Credential=${accessKeyId}/${credentialScope}, SignedHeaders=${names.join(';')}, Signature=${signature}`,
  };
}

export interface SignedCall {
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>;
  readonly now: () => number;
}

/** With the machine's own clock and network. */
export const systemCall: SignedCall = { fetch: (url, init) => fetch(url, init), now: () => Date.now() };

export interface Service {
  /** As in the credential scope: `monitoring`, `sns`. */
  readonly signingName: string;
  readonly host: string;
  /** Where the resource is; absent means where the function is. */
  readonly region?: string;
}

/** JSON protocol, 1.0 unless said otherwise. @throws Error with the service's own words when it refuses; its code is the name. */
export async function callJson(
  call: SignedCall,
  service: Service & { readonly target: string; readonly version?: '1.1' },
  input: unknown,
): Promise<unknown> {
  const headers = { 'content-type': `application/x-amz-json-${service.version ?? '1.0'}`, 'x-amz-target': service.target };
  return JSON.parse((await send(call, service, headers, JSON.stringify(input))).text) as unknown;
}

/** Query protocol; answers XML. @throws Error with the service's own words when it refuses; its code is the name. */
export async function callQuery(
  call: SignedCall,
  service: Service,
  input: Readonly<Record<string, string>>,
  timeoutMs?: number,
): Promise<string> {
  const headers = { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' };
  const { text } = await send(call, service, headers, new URLSearchParams(input).toString(), timeoutMs === undefined ? {} : { timeoutMs });
  return text;
}

/**
 * Runs a function and waits for its answer; `payload` and the answer are JSON text.
 * @throws Error when it is refused, throttled or not answered in time, and with the function's own error when it failed.
 * Source: Lambda API reference, Invoke.
 */
export async function invokeFunction(call: SignedCall, functionName: string, payload: string, timeoutMs: number): Promise<string> {
  const where = { path: `2015-03-31/functions/${functionName}/invocations`, timeoutMs };
  const { headers, text } = await send(
    call,
    { signingName: 'lambda', host: 'lambda' },
    { 'content-type': 'application/json' },
    payload,
    where,
  );
  const failed = headers.get('x-amz-function-error');
  if (failed !== null) throw Object.assign(new Error(`the function failed: ${text.slice(0, 200)}`), { name: failed });
  return text;
}

async function send(
  { fetch, now }: SignedCall,
  { signingName, host, region }: Service,
  headers: Readonly<Record<string, string>>,
  body: string,
  { path = '', timeoutMs = 5_000 }: { readonly path?: string; readonly timeoutMs?: number } = {},
): Promise<{ readonly headers: Headers; readonly text: string }> {
  const { AWS_ENDPOINT_URL, AWS_ACCESS_KEY_ID = '', AWS_SECRET_ACCESS_KEY = '', AWS_SESSION_TOKEN } = process.env;
  const where = region ?? process.env['AWS_REGION'] ?? '';
  const url = `${AWS_ENDPOINT_URL ?? `https://${host}.${where}.amazonaws.com${where.startsWith('cn-') ? '.cn' : ''}`}/${path}`;
  const signedHeaders = signed(
    { method: 'POST', url, headers, body },
    { service: signingName, region: where, now: now() },
    {
      accessKeyId: AWS_ACCESS_KEY_ID,
      secretAccessKey: AWS_SECRET_ACCESS_KEY,
      ...(AWS_SESSION_TOKEN === undefined ? {} : { sessionToken: AWS_SESSION_TOKEN }),
    },
  );
  const response = await fetch(url, { method: 'POST', headers: signedHeaders, body, signal: AbortSignal.timeout(timeoutMs) });
  const text = await response.text();
  if (response.ok) return { headers: response.headers, text };
  const name =
    /<Code>([^<]+)<\/Code>/.exec(text)?.[1] ??
    /"__type"\s*:\s*"(?:[^"#]*#)?([^"]+)"/.exec(text)?.[1] ??
    response.headers.get('x-amzn-errortype') ??
    `HTTP ${response.status}`;
  throw Object.assign(new Error(`${signingName}: HTTP ${response.status} ${text.slice(0, 400)}`), { name });
}
