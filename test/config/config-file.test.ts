import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadConfigFile } from '../../adapters/config-file.ts';
import { showProblem } from '../../core/config/problem.ts';
import { fleetPresets } from '../../examples/paper-bot/presets.ts';

const load = (name: string) => loadConfigFile(join(import.meta.dirname, '../fixtures/config', name));

describe('a config file', () => {
  it('in TypeScript is read without a build, and one strategy may differ from its bot', async () => {
    const loaded = await load('two-strategies.good.ts');
    expect(loaded.ok && loaded.value.bots[0]).toMatchObject({
      strategies: [
        { id: 'pairs', calendar: 'NYSE', annualization: 252, limits: { dailyLoss: '250', drawdown: 0.05 } },
        { id: 'basket', currency: 'USD', initialCapital: '10000', limits: { dailyLoss: '90.50', drawdown: 0.05 } },
      ],
      logGroup: { name: '/ecs/arb', adopt: true },
      heartbeat: { strategyId: 'basket', intervalSeconds: 5, graceSeconds: 30 },
      probes: { readiness: { timeoutMs: 2000, failureThreshold: 3 }, liveness: { timeoutMs: 500 } },
    });
    expect(loaded.ok && loaded.value.routes).toEqual({ critical: ['desk', 'oncall'], warning: ['desk'], info: ['desk'] });
  });

  it('in JSON is read too', async () => {
    expect((await load('minimal.good.json')).ok).toBe(true);
  });

  it('of the demo fleet is about the bots that trade in it', async () => {
    const loaded = await loadConfigFile(join(import.meta.dirname, '../../examples/nightdesk.config.ts'));
    const strategies = loaded.ok ? loaded.value.bots.flatMap(bot => bot.strategies) : [];
    expect(strategies.map(({ id, venue, initialCapital, currency }) => [id, venue, initialCapital, currency])).toEqual(
      fleetPresets.map(({ strategyId, venue, capital, instrument }) => [strategyId, venue.name, capital, instrument.quoteCurrency]),
    );
  });

  it.each([
    ['syntax.bad.json', /^NOT_PARSABLE at .*syntax\.bad\.json:3: .+; was { "id": "a" }},$/],
    ['syntax.bad.ts', /^NOT_PARSABLE at .*syntax\.bad\.ts:4: .+/],
    ['no-default-export.bad.mjs', /^NOT_READABLE at .*no-default-export\.bad\.mjs: must export the config as default/],
    ['throws.bad.mjs', /^NOT_READABLE at .*throws\.bad\.mjs: threw while it was read: the exchange list is empty$/],
    ['missing.json', /^NOT_READABLE at .*missing\.json: the file does not exist$/],
    ['../config', /^NOT_READABLE at .*config: the file does not exist$/],
  ])('%s is one clear line with its place', async (name, line) => {
    const loaded = await load(name);
    const lines = loaded.ok ? [] : loaded.error.map(showProblem);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(line);
    expect(lines[0]).not.toContain('\n');
  });
});
