/** Templates as such. */
import { unresolvedIn } from '../template/resources.ts';
import type { CheckedResource, CheckModel, Rule } from './rule.ts';

const RESOURCES_PER_STACK = 500;

/** What other rules judge as far as it is known. */
const mayStayOpen: readonly string[] = [
  'AlarmActions',
  'OKActions',
  'InsufficientDataActions',
  'AlarmDescription',
  'Tags',
  'DashboardBody',
];

export const templateRules: readonly Rule[] = [
  {
    id: 'TEMPLATE_UNRESOLVED',
    severity: 'error',
    says: 'References lead somewhere. An info where only another stack, a parameter or a stored value could tell.',
    source: 'CloudFormation user guide, "Intrinsic function reference"',
    judge: model =>
      model.resources
        .filter(({ type }) => type.startsWith('AWS::CloudWatch::') || /^AWS::Logs::\w+Filter$/.test(type))
        .flatMap(resource => [
          ...resource.unresolved.map(({ property, message }) => ({
            resource,
            keys: property === 'Condition' ? [property] : ['Properties', property],
            value: null,
            message,
            // What CloudFormation may know and we do not is nobody's fault.
            ...(message.startsWith('UnknownIntrinsic') ? { severity: 'info' as const } : {}),
          })),
          ...Object.entries(resource.properties).flatMap(([property, value]) => {
            const open = unresolvedIn(value);
            const message = `${resource.logicalId}: ${property} is not judged, since it depends on ${open}`;
            return open === undefined || mayStayOpen.includes(property)
              ? []
              : [{ resource, keys: ['Properties', property], value: open, message, severity: 'info' as const }];
          }),
        ]),
  },
  {
    id: 'TEMPLATE_TOO_MANY_RESOURCES',
    severity: 'error',
    says: `A stack has at most ${RESOURCES_PER_STACK} resources.`,
    source: 'CloudFormation user guide, "CloudFormation quotas"',
    judge: model =>
      [...stacksOf(model)].flatMap(([stack, resources]) => {
        const beyond = resources[RESOURCES_PER_STACK];
        if (beyond === undefined) return [];
        return [{ resource: beyond, keys: [], value: resources.length, message: `${stack} has ${resources.length} resources` }];
      }),
  },
];

function stacksOf(model: CheckModel): ReadonlyMap<string, readonly CheckedResource[]> {
  const stacks = new Map<string, CheckedResource[]>();
  for (const resource of model.resources) {
    const known = stacks.get(resource.stack);
    if (known === undefined) stacks.set(resource.stack, [resource]);
    else known.push(resource);
  }
  return stacks;
}
