/** docs/metrics.md: what every metric means, and for every alarm when it fires and what to do. Alarm messages link here. */
import { rulesOf } from './alarm-definitions.ts';
import { type CatalogueRow, catalogue } from './index.ts';
import type { AlarmRule, Category, Example, Metric, Source } from './metric.ts';
import { metricName } from './names.ts';
import { sentenceOf } from './sentences.ts';
import { units } from './unit.ts';

/** Dollars a month for a metric that reports in every hour, first 10,000 (us-east-1). Source: CloudWatch pricing page, 2026-09. */
const USD_PER_METRIC = 0.3;

const titles: Readonly<Record<Category, string>> = {
  system: 'System: the process and its machine',
  application: 'Application: the bot as a program',
  trading: 'Trading: money, risk and orders',
  health: 'Health: alive, ready, hearing the market',
  errors: 'Errors: what bots log',
  self: 'Nightdesk itself',
};

/** Series of rows that are in CloudWatch without being asked for, for one bot of one strategy. */
export const metricsPerBot = (): number =>
  catalogue.filter(
    ({ metric }) =>
      metric.storage === 'cloudwatch' && metric.source.from !== 'aws' && (metric.per.Strategy ?? metric.per.Bot) !== undefined,
  ).length;

export function metricsPage(): string {
  const perBot = metricsPerBot();
  const categories = Object.keys(titles) as Category[];
  return `${[
    '# Metrics and alarms',
    'Generated from the catalogue (`core/catalogue`); `npm run golden` writes it.',
    `A bot of one strategy has ${perBot} metrics in CloudWatch (about $${(perBot * USD_PER_METRIC).toFixed(2)} a month at list price). Rows *in the table* reach dashboards through a custom widget; \`publish: ['id']\` in the config puts one into CloudWatch as well. *Computed* rows are metric math: stored nowhere, free.`,
    'Money is in the strategy’s own currency. Shares are fractions, shown in percent. What is undefined is absent, never 0.',
    ...categories.flatMap(category => categoryPart(category)),
    ...fleetPart,
  ].join('\n\n')}\n`;
}

function categoryPart(category: Category): readonly string[] {
  const rows = catalogue.filter(row => row.category === category);
  const table = rows.map(
    ({ id, metric }) =>
      `| [${metricName(id)}](#${anchorOf(id)}) | ${metric.means} | ${units[metric.unit].text} | ${dimensionsOf(metric)} | ${storages[metric.storage]} | ${alarmLinks(metric)} |`,
  );
  return [
    `## ${titles[category]}`,
    ['| Metric | What it is | Unit | Dimension | Where | Alarms |', '| --- | --- | --- | --- | --- | --- |', ...table].join('\n'),
    ...rows.flatMap(rowPart),
  ];
}

const storages = { cloudwatch: 'CloudWatch', table: 'table', computed: 'computed' } as const;
const anchorOf = (id: CatalogueRow['id']): string => `metric-${metricName(id).toLowerCase()}`;
const dimensionsOf = ({ per }: Metric): string => Object.keys(per).join(', ') || '–';
const alarmLinks = (metric: Metric): string =>
  rulesOf(metric)
    .map(({ id }) => `[${id}](#${id})`)
    .join(', ') || '–';

function rowPart(row: CatalogueRow): readonly string[] {
  const { id, metric } = row;
  const { watch } = metric;
  return [
    `### Metric ${metricName(id)}`,
    [
      `- **Definition**: ${metric.definition}`,
      `- **Formula**: ${metric.formula}.`,
      `- **How to read it**: ${metric.interpretation}`,
      `- **Source**: ${sourceText(metric.source)}.`,
      `- **Id**: \`${id}\`, statistic ${metric.statistic}, for ${metric.audience.join(', ')}`,
      ...(watch.alarms === 'none' ? [`- **No alarm**: ${watch.because}.`] : []),
    ].join('\n'),
    ...rulesOf(metric).flatMap(rule => alarmPart(row, rule)),
  ];
}

function sourceText(source: Source): string {
  switch (source.from) {
    case 'strategy':
      return 'the ledger’s state, published after each batch and again each minute';
    case 'group':
      return 'the newest views of the group’s strategies, judged by the ledger with each batch and published each minute';
    case 'heartbeat':
      return `the bot’s heartbeat: ${source.fields.map(field => `\`${field}\``).join(' + ')}`;
    case 'health':
      return 'the heartbeat function, each minute';
    case 'metricFilter':
      return `a metric filter on the bot’s log group: \`${source.pattern.length > 80 ? `${source.pattern.slice(0, 77)}…` : source.pattern}\``;
    case 'sketch':
      return 'every latency that the ledger saw, by PutMetricData with values and counts';
    case 'counter':
    case 'measure':
      return `the ${source.by} function, about its own work`;
    case 'aws':
      return `${source.namespace} ${source.metricName}`;
    case 'anomaly':
      return `[our own detector](anomaly.md), preset \`${source.preset}\`, over the gauge \`${source.gauge}\`, every five minutes`;
    case 'math':
      return `metric math: \`${source.expression}\``;
  }
}

function alarmPart(row: CatalogueRow, rule: AlarmRule): readonly string[] {
  const sentence = sentenceOf(row, rule, { dimensions: {} });
  const configured = limitText(rule);
  const asked = row.metric.storage === 'table' ? ` Made when \`publish\` names \`${row.id}\`.` : '';
  return [
    `#### ${rule.id}`,
    `**${rule.severity}**: ${sentence}${configured}${asked}`,
    `**First**: ${rule.first}`,
    rule.runbook.map((step, index) => `${index + 1}. ${step}`).join('\n'),
    `Fires: ${exampleTexts(rule.fires)}. Stays quiet: ${exampleTexts(rule.quiet)}.`,
  ];
}

function limitText(rule: AlarmRule): string {
  if (rule.kind === 'anomaly' || 'value' in rule.limit) return '';
  if ('group' in rule.limit) return ` The limit is \`limits.${rule.limit.group}\` of the group in the config.`;
  return ` The limit is \`limits.${rule.limit.config}\` of the config.`;
}

/** The examples' own notation: `0*3 5 _*2` is three zeros, a five, two missing points. */
const exampleTexts = (examples: readonly Example[]): string =>
  examples
    .map(example =>
      typeof example === 'string'
        ? `\`${example}\``
        : `\`${Object.entries(example)
            .map(([id, text]) => `${id}: ${text}`)
            .join('; ')}\``,
    )
    .join(', ');

const fleetPart = [
  '## Alarms over several metrics',
  '#### fleet-silent',
  '**critical**: all bots of one group are silent at once. One silent bot is a bot; all silent is the network, the host or the delivery of logs.',
  '**First**: Check the network and the logs’ delivery before you touch any bot; then the open positions at the venue.',
  [
    '1. Are the bots’ hosts reachable, and do their processes run?',
    '2. Does the log agent deliver? Look at the newest line of each log group.',
    '3. If the bots run, only we are blind: watch positions at the venue until delivery is back.',
  ].join('\n'),
] as const;
