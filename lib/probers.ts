import { Aws } from 'aws-cdk-lib';
import { Effect, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { CfnFunction } from 'aws-cdk-lib/aws-lambda';
import { functionsFor } from '../core/catalogue/series.ts';
import type { NightdeskConfig, ProbeVpc } from '../core/config/types.ts';
import { PROBER_TIMEOUT_SECONDS } from '../core/health/probe-call.ts';
import type { MakeFunction, MonitorFunction } from './monitor-function.ts';

export interface Probers {
  readonly prober?: MonitorFunction;
  readonly 'vpc-prober'?: MonitorFunction;
}

const managesInterfaces =
  'Lambda itself makes and removes the network interfaces of a function in a VPC with its role; DescribeNetworkInterfaces knows no resources, ' +
  'and interfaces that do not exist yet have no name (Lambda developer guide, "Required IAM permissions"). The code is denied all of it';

/** Source: Lambda developer guide, "Giving Lambda functions access to resources in an Amazon VPC" (2026-11). */
const interfaceActions = [
  'ec2:CreateNetworkInterface',
  'ec2:DescribeNetworkInterfaces',
  'ec2:DescribeSubnets',
  'ec2:DeleteNetworkInterface',
  'ec2:AssignPrivateIpAddresses',
  'ec2:UnassignPrivateIpAddresses',
];

/** The functions that ask the bots' probes: one outside of any VPC, one inside, each only where a bot is asked from there. */
export function makeProbers(config: NightdeskConfig, make: MakeFunction): Probers {
  const names = functionsFor(config);
  return {
    ...(names.includes('prober') ? { prober: make('prober', proberProps('internet')) } : {}),
    ...(names.includes('vpc-prober') ? { 'vpc-prober': inVpc(make('vpc-prober', vpcProberProps), config.probeVpc!) } : {}),
  };
}

const proberProps = (from: 'internet' | 'vpc') => ({
  description: from === 'vpc' ? 'Asks the bots’ probes from inside the VPC' : 'Asks the bots’ probes',
  memoryMb: 512,
  timeoutSeconds: PROBER_TIMEOUT_SECONDS,
  // Name lookups block a thread each: as many as there are probes at once.
  environment: { NIGHTDESK_PROBES_FROM: from, UV_THREADPOOL_SIZE: '64' },
  statements: [],
});

const vpcProberProps = {
  ...proberProps('vpc'),
  bundle: 'prober' as const,
  get statements() {
    return [
      new PolicyStatement({ actions: interfaceActions, resources: ['*'] }),
      // With this key in the request it is the code that asks, not Lambda. No other function has this role.
      new PolicyStatement({
        effect: Effect.DENY,
        actions: interfaceActions,
        resources: ['*'],
        conditions: { ArnLike: { 'lambda:SourceFunctionArn': `arn:${Aws.PARTITION}:lambda:*:${Aws.ACCOUNT_ID}:function:*` } },
      }),
    ];
  },
  acknowledged: {
    'AwsSolutions::AwsSolutions-IAM5[Resource::*]': managesInterfaces,
    'Serverless::Serverless-LambdaStarPermissions': managesInterfaces,
  },
};

/** Set below the L2, which would attach a managed policy and wants to know the VPC. */
function inVpc(prober: MonitorFunction, { subnetIds, securityGroupIds }: ProbeVpc): MonitorFunction {
  (prober.fn.node.defaultChild as CfnFunction).vpcConfig = { subnetIds: [...subnetIds], securityGroupIds: [...securityGroupIds] };
  return prober;
}

/** What whoever invokes them needs: their names, and the permission. */
export function proberCaller({ prober, 'vpc-prober': vpcProber }: Probers) {
  const known = [prober, vpcProber].flatMap(each => each ?? []);
  return {
    environment: {
      ...(prober === undefined ? {} : { NIGHTDESK_PROBER: prober.fn.functionName }),
      ...(vpcProber === undefined ? {} : { NIGHTDESK_VPC_PROBER: vpcProber.fn.functionName }),
    },
    statements:
      known.length === 0
        ? []
        : [new PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: known.map(({ fn }) => fn.functionArn) })],
  };
}
