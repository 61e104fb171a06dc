import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadConfigFile } from '../../adapters/config-file.ts';
import { command } from '../../bin/commands/grafana.ts';
import { dashboards } from '../../core/catalogue/dashboards.ts';
import { grafanaDashboards } from '../../core/catalogue/grafana.ts';
import { functionsOf, parseMetricMath } from '../../core/cloudwatch/metric-math.ts';
import { discoverConfig } from '../../core/config/discover.ts';
import { runCommand } from '../suites/run-command.ts';
import { schemaProblems } from './schema.ts';

const loaded = await loadConfigFile(join(import.meta.dirname, '../../examples/nightdesk.config.ts'));
if (!loaded.ok) throw new Error(JSON.stringify(loaded.error));
const config = loaded.value;
const all = grafanaDashboards(config);

interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets?: readonly {
    readonly refId: string;
    readonly expression?: string;
    readonly metricEditorMode?: number;
    readonly dimensions?: Record<string, unknown>;
  }[];
  readonly fieldConfig: {
    readonly defaults: {
      readonly unit: string;
      readonly thresholds: { readonly steps: readonly { readonly value: number | null; readonly color: string }[] };
    };
  };
}
const panelsOf = (dashboard: (typeof all)[number]) => dashboard['panels'] as readonly Panel[];
const panel = (page: number, title: string) => panelsOf(all[page]!).find(each => each.title.startsWith(title))!;

describe.each(all.map(dashboard => [dashboard.uid, dashboard] as const))('%s', (_, dashboard) => {
  it('keeps Grafana’s published schema', () => {
    expect(schemaProblems(JSON.parse(JSON.stringify(dashboard)))).toEqual([]);
  });

  it('has panels with ids of their own inside the grid, and targets with letters of their own', () => {
    const panels = panelsOf(dashboard);
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    for (const { gridPos } of panels) expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24);
    for (const { targets = [] } of panels) expect(new Set(targets.map(({ refId }) => refId)).size).toBe(targets.length);
  });

  it('asks with expressions that are metric math', () => {
    for (const { targets = [] } of panelsOf(dashboard))
      for (const { expression = '', metricEditorMode } of targets) {
        if (metricEditorMode !== 1) continue;
        const parsed = parseMetricMath(expression);
        expect(parsed.ok, expression).toBe(true);
        // One series at a time: Grafana would hand arrays to IF where a search stands inside.
        if (parsed.ok && functionsOf(parsed.value).includes('IF')) expect(functionsOf(parsed.value)).not.toContain('SEARCH');
      }
  });
});

it('shows every chart that CloudWatch’s dashboards show', () => {
  const around = { region: 'r', alarmArn: (name: string) => name, functionArn: (name: string) => name };
  for (const [at, { body }] of dashboards(config, around).entries()) {
    const charts = body.widgets.flatMap(widget =>
      widget.type === 'metric' && widget.properties.view !== 'table' ? [widget.properties.title] : [],
    );
    const titles = panelsOf(all[at]!).map(({ title }) => title.replace(/ · \$\w+$/, ''));
    expect(charts.filter(title => !titles.includes(title))).toEqual([]);
  }
});

it('draws limits in the metric’s own unit, red on the side that pages', () => {
  const { defaults: share } = panel(0, 'Error share').fieldConfig;
  expect([share.unit, share.thresholds.steps.map(({ value }) => value)]).toEqual(['percentunit', [null, 0.01]]);
  const { defaults: loss } = panel(1, 'Session P&L').fieldConfig;
  expect(loss.unit).toBe('suffix: USDT');
  expect(loss.thresholds.steps.slice(0, 2)).toEqual([
    { color: 'red', value: null },
    { color: 'green', value: expect.any(Number) as number },
  ]);
  for (const dashboard of all)
    for (const { fieldConfig } of panelsOf(dashboard)) {
      const values = (fieldConfig?.defaults?.thresholds?.steps ?? []).map(({ value }) => value ?? Number.NEGATIVE_INFINITY);
      expect(values).toEqual([...values].sort((a, b) => a - b));
    }
});

it('follows the variables', () => {
  expect(panel(0, 'CPU usage').targets?.[0]?.dimensions).toEqual({ Bot: ['$bot'] });
  expect(panel(1, 'Equity').targets?.[0]?.dimensions).toEqual({ Strategy: ['$strategy'] });
});

it('stays in Grafana’s limit of a uid for long stages, and small for a hundred bots', () => {
  const many = grafanaDashboards({
    ...discoverConfig(Array.from({ length: 100 }, (_, n) => ({ strategyId: `s${n}` }))),
    stage: 'x'.repeat(60),
  });
  for (const dashboard of many) {
    expect(dashboard.uid.length).toBeLessThanOrEqual(40);
    expect(JSON.stringify(dashboard).length).toBeLessThan(400_000);
    expect(schemaProblems(JSON.parse(JSON.stringify(dashboard)))).toEqual([]);
  }
});

describe('nightdesk grafana', () => {
  it('writes a file for each page, and prints their paths', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'nightdesk-grafana-'));
    try {
      const { code, stdout } = await runCommand(
        command,
        [join(import.meta.dirname, '../../examples/nightdesk.config.ts'), '--out', dir],
        tmpdir(),
      );
      expect(code).toBe(0);
      const files = readdirSync(dir).sort();
      expect(files).toEqual(['developer', 'operations', 'resources', 'trader'].map(page => `nightdesk-demo-${page}.json`));
      expect(stdout.trim().split('\n').sort()).toEqual(files.map(file => join(dir, file)));
      for (const file of files) expect(schemaProblems(JSON.parse(readFileSync(join(dir, file), 'utf8')))).toEqual([]);
    } finally {
      rmSync(dir, { recursive: true, force: true });
    }
  });

  it.each([
    ['an option that does not exist', ['--folder', 'x'], /unknown option|Unknown option/i],
    ['two configs', ['a.ts', 'b.ts'], /takes one config; found 2/],
    ['a config that is not there', ['nowhere.config.ts'], /nowhere\.config\.ts/],
  ])('refuses %s', async (_, args, message) => {
    const { code, stderr } = await runCommand(command, args, tmpdir());
    expect([code, stderr]).toEqual([2, expect.stringMatching(message)]);
  });
});
