/** Dashboards: counts, and bodies that the console would show as broken. */
import type { MetricStat } from '../alarms/definition.ts';
import { DASHBOARD_LIMITS, type DashboardProblem, parseDashboardBody } from '../cloudwatch/dashboard-body.ts';
import { structureProblems } from '../cloudwatch/dashboard-structure.ts';
import { asArray, asObject, asObjects, type JsonObject, parseJson } from '../cloudwatch/loose-json.ts';
import { unresolvedIn } from '../template/resources.ts';
import type { CheckedDashboard, CheckModel, Remark, Rule } from './rule.ts';

const API = 'CloudWatch API reference, "Dashboard body structure and syntax", and service quotas (2026)';
const NAME_LENGTH = 255;

const at = ({ resource }: CheckedDashboard, value: unknown, message: string, key = 'DashboardBody'): Remark => ({
  resource,
  keys: ['Properties', key],
  value,
  message: `${resource.name}: ${message}`,
});

const bodyOf = ({ body }: CheckedDashboard): JsonObject | undefined => asObject(parseJson(body ?? ''));
const widgetsOf = (dashboard: CheckedDashboard): readonly JsonObject[] => asObjects(bodyOf(dashboard)?.['widgets']);

/** Rows of a metric widget that are metrics or expressions. */
const rowsOf = (widget: JsonObject): number =>
  widget['type'] === 'metric' ? asArray(asObject(widget['properties'])?.['metrics']).length : 0;

const judged = (model: CheckModel, rule: (dashboard: CheckedDashboard) => readonly Remark[]): readonly Remark[] =>
  model.dashboards.filter(({ body }) => body !== undefined).flatMap(rule);

export const dashboardRules: readonly Rule[] = [
  {
    id: 'DASHBOARD_NOT_JSON',
    severity: 'error',
    says: 'A dashboard’s body is a JSON object.',
    source: API,
    judge: model =>
      judged(model, dashboard =>
        bodyOf(dashboard) !== undefined ? [] : [at(dashboard, dashboard.body?.slice(0, 80), 'the body is no JSON object')],
      ),
  },
  {
    id: 'DASHBOARD_TOO_MANY_WIDGETS',
    severity: 'error',
    says: `A dashboard has at most ${DASHBOARD_LIMITS.widgets} widgets.`,
    source: API,
    judge: model =>
      judged(model, dashboard => {
        const { length } = widgetsOf(dashboard);
        return length <= DASHBOARD_LIMITS.widgets ? [] : [at(dashboard, length, `${length} widgets; at most ${DASHBOARD_LIMITS.widgets}`)];
      }),
  },
  {
    id: 'DASHBOARD_TOO_MANY_METRICS',
    severity: 'error',
    says: `A dashboard has at most ${DASHBOARD_LIMITS.metrics.toLocaleString('en-US')} metrics, hidden ones and inputs of expressions included.`,
    source: API,
    judge: model =>
      judged(model, dashboard => {
        const metrics = widgetsOf(dashboard).reduce((sum, widget) => sum + rowsOf(widget), 0);
        return metrics <= DASHBOARD_LIMITS.metrics
          ? []
          : [at(dashboard, metrics, `${metrics} metrics; at most ${DASHBOARD_LIMITS.metrics}`)];
      }),
  },
  {
    id: 'WIDGET_TOO_MANY_METRICS',
    severity: 'error',
    says: `A widget has at most ${DASHBOARD_LIMITS.metricsPerWidget} metrics.`,
    source: API,
    judge: model =>
      judged(model, dashboard =>
        widgetsOf(dashboard).flatMap((widget, index) =>
          rowsOf(widget) <= DASHBOARD_LIMITS.metricsPerWidget
            ? []
            : [at(dashboard, rowsOf(widget), `widget ${index} has ${rowsOf(widget)} metrics`)],
        ),
      ),
  },
  {
    id: 'DASHBOARD_INVALID',
    severity: 'error',
    says: 'Every widget has what its kind needs: metrics, text, a query, alarms, a function; within the grid of 24 columns.',
    source: API,
    judge: model =>
      judged(model, dashboard =>
        bodyProblems(dashboard)
          .filter(({ message }) => !/must (be|have) at most (500|2500)\b/.test(message) && !isExpression(message))
          .map(({ value, message }) => at(dashboard, value ?? null, message)),
      ),
  },
  {
    id: 'DASHBOARD_EXPRESSION_INVALID',
    severity: 'error',
    says: 'Every expression of a widget parses as metric math.',
    source: 'CloudWatch user guide, "Using math expressions with CloudWatch metrics"',
    judge: model =>
      judged(model, dashboard =>
        bodyProblems(dashboard)
          .filter(({ message, value }) => isExpression(message) && !ELSEWHERE.test(String(value)) && unresolvedIn(value) === undefined)
          .map(({ value, message }) => at(dashboard, value ?? null, message)),
      ),
  },
  {
    id: 'DASHBOARD_STRUCTURE',
    severity: 'warning',
    says: 'Every key of a body is one that CloudWatch documents, with a value of its type: it saves others and shows nothing for them.',
    source: API,
    judge: model =>
      judged(model, dashboard =>
        structureProblems(bodyOf(dashboard) ?? { widgets: [] })
          .filter(({ value }) => unresolvedIn(value) === undefined)
          .map(({ value, message }) => at(dashboard, value ?? null, message)),
      ),
  },
  {
    id: 'DASHBOARD_NAME_INVALID',
    severity: 'error',
    says: `A dashboard’s name has 1 to ${NAME_LENGTH} letters, digits, - and _.`,
    source: 'CloudWatch API reference, PutDashboard, DashboardName',
    judge: model =>
      model.dashboards.flatMap(dashboard => {
        const name = dashboard.resource.properties['DashboardName'];
        if (typeof name !== 'string' || unresolvedIn(name) !== undefined) return [];
        return /^[A-Za-z0-9_-]+$/.test(name) && name.length <= NAME_LENGTH
          ? []
          : [at(dashboard, name, 'is no name of a dashboard', 'DashboardName')];
      }),
  },
];

/** Functions of metric math that only CloudWatch itself can compute. */
const ELSEWHERE = /\b(SERVICE_QUOTA|INSIGHT_RULE_METRIC|DB_PERF_INSIGHTS|LAMBDA)\s*\(/;

const isExpression = (message: string): boolean => message.includes('must be metric math');

function bodyProblems(dashboard: CheckedDashboard): readonly DashboardProblem[] {
  if (bodyOf(dashboard) === undefined) return [];
  const parsed = parseDashboardBody(dashboard.body);
  return parsed.ok ? [] : parsed.error;
}

function queriesOf(dashboard: CheckedDashboard) {
  const parsed = parseDashboardBody(dashboard.body ?? '');
  if (!parsed.ok) return [];
  return parsed.value.widgets.flatMap((widget, index) =>
    widget.type === 'metric' ? widget.queries.map(({ query }) => ({ query, widget: index })) : [],
  );
}

/** Metrics on dashboards, with the number of their widget. */
export const widgetQueries = (
  model: CheckModel,
): readonly { readonly dashboard: CheckedDashboard; readonly widget: number; readonly stat: MetricStat }[] =>
  model.dashboards.flatMap(dashboard =>
    queriesOf(dashboard).flatMap(({ query, widget }) => ('stat' in query ? [{ dashboard, widget, stat: query.stat }] : [])),
  );
