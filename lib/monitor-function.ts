import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { PolicyDocument, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, type CfnFunction, Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { FunctionName } from '../core/catalogue/metric.ts';
import { functionLogGroupName, namespaceOf } from '../core/catalogue/names.ts';
import type { NightdeskConfig } from '../core/config/types.ts';
import { acknowledge } from './acknowledge.ts';
import { withCode } from './bundles.ts';

export interface MonitorFunctionProps {
  readonly name: FunctionName;
  /** The bundle that it runs; absent means the one of its name. */
  readonly bundle?: FunctionName;
  readonly description: string;
  readonly config: NightdeskConfig;
  /** Folder of the bundles. */
  readonly bundles: string;
  readonly memoryMb: number;
  readonly timeoutSeconds: number;
  readonly environment: Readonly<Record<string, string>>;
  /** What its role may do, besides writing its own log. */
  readonly statements: readonly PolicyStatement[];
  /** Findings that its role is allowed to have, with their reasons. */
  readonly acknowledged?: Readonly<Record<string, string>>;
  /** Where asynchronous invocations end that failed every retry; absent for functions that nothing invokes asynchronously. */
  readonly asyncDead?: IQueue;
}

/** Makes one function of a stack. */
export type MakeFunction = (name: FunctionName, props: Omit<MonitorFunctionProps, 'name' | 'config' | 'bundles'>) => MonitorFunction;

/** A function of ours: prebuilt code with the config beside it, a role and a log group of its own. */
export class MonitorFunction extends Construct {
  readonly fn: LambdaFunction;

  constructor(scope: Construct, id: string, props: MonitorFunctionProps) {
    super(scope, id);
    const { name, config, asyncDead } = props;
    const logGroup = new LogGroup(this, 'Log', {
      logGroupName: functionLogGroupName(config.stage, name),
      retention: config.retentionDays as RetentionDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
      description: `What the ${name} function of Nightdesk ${config.stage} may do`,
      inlinePolicies: {
        work: new PolicyDocument({
          statements: [
            new PolicyStatement({ actions: ['logs:CreateLogStream', 'logs:PutLogEvents'], resources: [logGroup.logGroupArn] }),
            ...props.statements,
            ...(asyncDead === undefined ? [] : [new PolicyStatement({ actions: ['sqs:SendMessage'], resources: [asyncDead.queueArn] })]),
          ],
        }),
      },
    });
    acknowledge(role, props.acknowledged ?? {});
    this.fn = withCode(
      props.bundles,
      props.bundle ?? name,
      config,
      dir =>
        new LambdaFunction(this, 'Function', {
          description: props.description,
          runtime: Runtime.NODEJS_24_X,
          architecture: Architecture.ARM_64,
          handler: 'index.handler',
          code: Code.fromAsset(dir),
          role: role.withoutPolicyUpdates(),
          logGroup,
          memorySize: props.memoryMb,
          timeout: Duration.seconds(props.timeoutSeconds),
          environment: { NIGHTDESK_STAGE: config.stage, NIGHTDESK_NAMESPACE: namespaceOf(config.stage), ...props.environment },
        }),
    );
    // Set below the L2, which would add a second policy to the role.
    if (asyncDead !== undefined) (this.fn.node.defaultChild as CfnFunction).deadLetterConfig = { targetArn: asyncDead.queueArn };
    acknowledge(this.fn, {
      'Serverless::Serverless-LambdaTracing': 'each batch is traced by its own log line; X-Ray would need write access to Resource "*"',
      ...(asyncDead === undefined
        ? {
            'Serverless::Serverless-LambdaDLQ':
              'nothing invokes it asynchronously: its caller (queue or dashboard) keeps what failed, and the queue has its own dead-letter queue',
          }
        : {}),
    });
  }
}
