import { Aws, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { CfnApi, CfnIntegration, CfnRoute, CfnStage } from 'aws-cdk-lib/aws-apigatewayv2';
import { ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { acknowledge } from './acknowledge.ts';

/** Requests per second in the long run, and how many may come at once. Each route has a bucket of its own. */
export interface Throttle {
  readonly perSecond: number;
  readonly burst: number;
}

export interface HttpRoute {
  readonly method: 'GET' | 'POST';
  /** Literal path, such as `/events/momentum`. */
  readonly path: string;
  readonly fn: IFunction;
  readonly throttle: Throttle;
  /** Milliseconds that the gateway waits for the function; at most 30,000. Default 10,000. */
  readonly timeoutMs?: number;
}

export interface HttpApiProps {
  readonly name: string;
  readonly description: string;
  readonly routes: readonly HttpRoute[];
  readonly accessLogName: string;
  readonly retentionDays: number;
  /** Why the API may be called without an authorizer of the gateway: what each function checks itself. */
  readonly unauthorizedBecause: string;
}

/** Source: API Gateway developer guide, "Quotas for configuring and running an HTTP API": routes per API. */
export const MAX_ROUTES = 300;

/**
 * An HTTP API whose routes invoke functions with payload 2.0. Throttles are set route by route, because a limit that routes share
 * lets one caller starve the others. Paths that no route names are answered by the gateway and reach no function.
 */
export class HttpApi extends Construct {
  readonly apiId: string;
  /** `https://…`, without a slash at its end. */
  readonly url: string;

  constructor(scope: Construct, id: string, props: HttpApiProps) {
    super(scope, id);
    if (props.routes.length > MAX_ROUTES)
      throw new Error(
        `TooManyRoutes at ${props.name}: an HTTP API has at most ${MAX_ROUTES} routes; ${props.routes.length} were asked for`,
      );
    const api = new CfnApi(this, 'Api', { name: props.name, description: props.description, protocolType: 'HTTP' });
    this.apiId = api.ref;
    this.url = api.attrApiEndpoint;
    const integrations = this.integrate(api, props.routes);
    const routes = props.routes.map(route => this.route(api, route, integrations.get(integrationKey(route))!, props.unauthorizedBecause));
    this.stage(api, props, routes);
  }

  /** One integration for each function and timeout. */
  private integrate(api: CfnApi, routes: readonly HttpRoute[]): ReadonlyMap<string, CfnIntegration> {
    const made = new Map<string, CfnIntegration>();
    for (const route of routes) {
      const key = integrationKey(route);
      if (made.has(key)) continue;
      made.set(
        key,
        new CfnIntegration(this, `Integration${made.size + 1}`, {
          apiId: api.ref,
          integrationType: 'AWS_PROXY',
          integrationUri: route.fn.functionArn,
          payloadFormatVersion: '2.0',
          timeoutInMillis: route.timeoutMs ?? 10_000,
        }),
      );
    }
    for (const fn of new Set(routes.map(route => route.fn)))
      fn.addPermission(`${this.node.id}Invokes`, {
        principal: new ServicePrincipal('apigateway.amazonaws.com'),
        sourceArn: Stack.of(this).formatArn({ service: 'execute-api', resource: api.ref, resourceName: '*/*' }),
        sourceAccount: Aws.ACCOUNT_ID,
      });
    return made;
  }

  private route(api: CfnApi, route: HttpRoute, integration: CfnIntegration, because: string): CfnRoute {
    const made = new CfnRoute(this, routeKeyOf(route), {
      apiId: api.ref,
      routeKey: routeKeyOf(route),
      target: `integrations/${integration.ref}`,
      authorizationType: 'NONE',
    });
    acknowledge(made, { 'AwsSolutions::AwsSolutions-APIG4': because, 'Serverless::Serverless-APIGWAuthorization': because });
    return made;
  }

  private stage(api: CfnApi, props: HttpApiProps, routes: readonly CfnRoute[]): void {
    const log = new LogGroup(this, 'AccessLog', {
      logGroupName: props.accessLogName,
      retention: props.retentionDays as RetentionDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const throttles = props.routes.map(({ throttle }) => throttle);
    const stage = new CfnStage(this, 'Stage', {
      apiId: api.ref,
      stageName: '$default',
      autoDeploy: true,
      accessLogSettings: { destinationArn: log.logGroupArn, format: JSON.stringify(accessLogFields) },
      defaultRouteSettings: {
        throttlingRateLimit: Math.max(...throttles.map(({ perSecond }) => perSecond)),
        throttlingBurstLimit: Math.max(...throttles.map(({ burst }) => burst)),
      },
      routeSettings: Object.fromEntries(
        props.routes.map(route => [
          routeKeyOf(route),
          { ThrottlingRateLimit: route.throttle.perSecond, ThrottlingBurstLimit: route.throttle.burst },
        ]),
      ),
    });
    // Settings name routes by their keys, so the routes must exist first.
    for (const route of routes) stage.addResourceDependency(route);
  }
}

const routeKeyOf = ({ method, path }: HttpRoute): string => `${method} ${path}`;
const integrationKey = ({ fn, timeoutMs }: HttpRoute): string => `${fn.node.addr}/${timeoutMs ?? ''}`;

/** No query string, no header and no body: whoever reads this log learns who called when, and how it ended. */
const accessLogFields = {
  requestId: '$context.requestId',
  time: '$context.requestTimeEpoch',
  ip: '$context.identity.sourceIp',
  method: '$context.httpMethod',
  path: '$context.path',
  status: '$context.status',
  responseLength: '$context.responseLength',
  latencyMs: '$context.responseLatency',
  integrationLatencyMs: '$context.integrationLatency',
  integrationError: '$context.integrationErrorMessage',
} as const;
