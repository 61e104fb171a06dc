import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Duration, Stack } from 'aws-cdk-lib';
import { Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HttpApi } from '../../lib/http-api.ts';
import { monitorApp } from '../../lib/synth.ts';
import type { LocalStack } from '../../local/stack.ts';
import { startTestStack } from './local-stack.ts';

const dir = mkdtempSync(join(tmpdir(), 'nightdesk-http-api-'));
let stack: LocalStack;
let base: string;

const code = `exports.handler = async event => {
  const what = event.queryStringParameters?.do;
  if (what === 'throw') throw new TypeError('as asked');
  if (what === 'sleep') await new Promise(resolve => setTimeout(resolve, 900));
  if (what === 'plain') return { hello: 'world' };
  if (what === 'odd') return { statusCode: 'odd' };
  if (what === 'binary') return { statusCode: 201, headers: { 'Content-Type': 'image/png', 'X-Own': 'yes' }, cookies: ['a=1', 'b=2'], body: 'AAH/', isBase64Encoded: true };
  return { statusCode: 200, body: JSON.stringify(event) };
};`;

beforeAll(async () => {
  writeFileSync(join(dir, 'index.js'), code);
  const setting = process.env['CDK_VALIDATION'];
  process.env['CDK_VALIDATION'] = 'false';
  const app = monitorApp(join(dir, 'out'));
  const scope = new Stack(app, 'Http');
  const make = (id: string) =>
    new LambdaFunction(scope, id, {
      runtime: Runtime.NODEJS_24_X,
      handler: 'index.handler',
      code: Code.fromAsset(dir, { exclude: ['out'] }),
      timeout: Duration.seconds(20),
    });
  const echo = make('echo');
  new HttpApi(scope, 'Api', {
    name: 'test-api',
    description: 'for a test',
    accessLogName: '/test/access',
    retentionDays: 7,
    unauthorizedBecause: 'a test',
    routes: [
      { method: 'POST', path: '/wide', fn: echo, throttle: { perSecond: 1000, burst: 1000 } },
      { method: 'POST', path: '/hasty', fn: echo, throttle: { perSecond: 1000, burst: 1000 }, timeoutMs: 300 },
      { method: 'POST', path: '/narrow', fn: echo, throttle: { perSecond: 1, burst: 2 } },
    ],
  });
  app.synth();
  process.env['CDK_VALIDATION'] = setting;
  stack = await startTestStack({ assemblyDir: join(dir, 'out'), bodyTimeoutMs: 2_500 });
  base = `${stack.endpoint.url}/execute-api/test-api`;
});

afterAll(async () => {
  await stack.close();
  rmSync(dir, { recursive: true, force: true });
});

const post = (path: string, body: BodyInit, headers: Readonly<Record<string, string>> = { 'content-type': 'application/json' }) =>
  fetch(`${base}${path}`, { method: 'POST', body, headers });

interface Event {
  readonly headers: Readonly<Record<string, string>>;
  readonly requestContext: { readonly http: Readonly<Record<string, string>>; readonly stage: string };
  readonly body: string;
  readonly isBase64Encoded: boolean;
}

describe('an HTTP API on this machine', () => {
  it('hands a request over as an event of payload version 2.0', async () => {
    const event = (await (
      await post('/wide?a=1&a=2&b=x%20y', '{"é":1}', { 'Content-Type': 'application/json', 'X-Own': 'yes' })
    ).json()) as Event;
    expect(event).toMatchObject({
      version: '2.0',
      routeKey: 'POST /wide',
      rawPath: '/wide',
      rawQueryString: 'a=1&a=2&b=x%20y',
      queryStringParameters: { a: '1,2', b: 'x y' },
      headers: { 'x-own': 'yes', 'content-type': 'application/json' },
      requestContext: { stage: '$default', apiId: 'test-api', http: { method: 'POST', path: '/wide', protocol: 'HTTP/1.1' } },
      body: '{"é":1}',
      isBase64Encoded: false,
    });
  });

  it.each([
    ['other content types', 'application/x-ndjson', {}],
    ['compressed bodies', 'application/json', { 'content-encoding': 'gzip' }],
    ['form posts', 'application/x-www-form-urlencoded', {}],
  ])('hands over %s as base64', async (_, type, more) => {
    const event = (await (await post('/wide', new Uint8Array([0, 255, 10]), { 'content-type': type, ...more })).json()) as Event;
    expect(event).toMatchObject({ body: 'AP8K', isBase64Encoded: true });
  });

  it('sends the function’s status, headers, cookies and bytes', async () => {
    const answer = await post('/wide?do=binary', '');
    expect([answer.status, answer.headers.get('content-type'), answer.headers.get('x-own')]).toEqual([201, 'image/png', 'yes']);
    expect(answer.headers.getSetCookie()).toEqual(['a=1', 'b=2']);
    expect([...new Uint8Array(await answer.arrayBuffer())]).toEqual([0, 1, 255]);
  });

  it('makes a 200 of an answer without a status code', async () => {
    expect(await (await post('/wide?do=plain', '')).json()).toEqual({ hello: 'world' });
  });

  it.each([
    ['a path of no route', '/other', 404, 'Not Found'],
    ['a function that throws', '/wide?do=throw', 500, 'Internal Server Error'],
    ['a function that answers nonsense', '/wide?do=odd', 500, 'Internal Server Error'],
    ['a function that takes too long', '/hasty?do=sleep', 503, 'Service Unavailable'],
  ])('answers for %s itself', async (_, path, status, message) => {
    const answer = await post(path, '{}');
    expect([answer.status, await answer.json()]).toEqual([status, { message }]);
  });

  it('refuses what is larger than a function takes, and what is larger than the gateway takes', async () => {
    const asBase64 = { 'content-type': 'application/octet-stream' };
    expect((await post('/wide', new Uint8Array(5 * 1_048_576), asBase64)).status).toBe(413);
    const huge = await post('/wide', new Uint8Array(11 * 1_048_576)).then(
      ({ status }) => status,
      () => 'cut off',
    );
    expect([413, 'cut off']).toContain(huge);
    expect((await post('/wide', '{}', { 'x-long': 'x'.repeat(10_300) })).status).toBe(431);
  });

  it('throttles each route by itself', async () => {
    const statuses = [];
    for (let n = 0; n < 4; n += 1) statuses.push((await post('/narrow', '{}')).status);
    expect(statuses).toEqual([200, 200, 429, 429]);
    expect((await post('/wide', '{}')).status).toBe(200);
  });

  it('gives up on a body that trickles', async () => {
    const answer = await new Promise<string>((resolve, reject) => {
      const socket = connect(stack.endpoint.port, '127.0.0.1', () => {
        socket.write('POST /execute-api/test-api/wide HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n{');
      });
      let text = '';
      socket.on('data', chunk => {
        text += chunk.toString();
      });
      socket.on('close', () => resolve(text));
      socket.on('error', reject);
    });
    expect(answer).toMatch(/^HTTP\/1\.1 408 .*connection: close/is);
  });

  it('counts and logs every request, also those that reach no function', async () => {
    const lines = stack.logs
      .search({ group: '/test/access', limit: 500 })
      .map(({ message }) => JSON.parse(message) as Record<string, string>);
    expect(new Set(lines.map(({ status }) => status))).toEqual(new Set(['200', '201', '404', '408', '413', '429', '431', '500', '503']));
    expect(JSON.stringify(lines)).not.toContain('x%20y');
    const counted = stack.store().serialise();
    for (const name of ['Count', '4xx', '5xx', 'Latency', 'IntegrationLatency']) expect(counted).toContain(`"${name}"`);
  });
});
