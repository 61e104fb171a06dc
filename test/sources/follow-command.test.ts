import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { command } from '../../bin/commands/follow.ts';
import { runCommand } from '../suites/run-command.ts';

const folder = mkdtempSync(join(tmpdir(), 'nightdesk-follow-command-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const follow = (...args: readonly string[]) => runCommand(command, args, folder);

describe('nightdesk follow', () => {
  it.each<readonly [string, readonly string[], string]>([
    ['no address', [], 'follow: --url or NIGHTDESK_URL must be the address of the intake'],
    ['an address without http', ['--url', '127.0.0.1:4399/events'], 'must begin with https:// or http://; was "127.0.0.1:4399/events"'],
  ])('refuses %s in one line', async (_name, args, said) => {
    const { code, stderr } = await follow('ndjson', 'bot.log', ...args);
    expect(code).toBe(2);
    expect(stderr.trimEnd()).toContain(said);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  });

  it('gives each file its own state', async () => {
    const once = (file: string, ...more: readonly string[]) =>
      follow('ndjson', file, '--url', 'http://127.0.0.1:1/events', '--once', ...more);
    for (const file of ['a.log', 'b.log']) writeFileSync(join(folder, file), '{"level":"info","message":"hello"}\n');
    expect((await once('a.log', '--state', 'shared')).code).not.toBe(2);
    expect(await once('b.log', '--state', 'shared')).toMatchObject({
      code: 2,
      stderr: `nightdesk: follow: --state ${join(folder, 'shared')} cannot be used: it follows ${join(folder, 'a.log')}; give each its own\n`,
    });
    expect((await once('b.log', '--state', 'other')).code).not.toBe(2);
    expect((await once('a.log', '--state', 'shared')).code).not.toBe(2);
  });

  it('says 1 when the one look that it was asked for found no file', async () => {
    const { code, stderr } = await follow('ndjson', 'nowhere.log', '--url', 'http://127.0.0.1:1/events', '--once');
    expect(stderr).toBe(`nightdesk: ${join(folder, 'nowhere.log')}: no such file\n`);
    expect(code).toBe(1);
  });
});
