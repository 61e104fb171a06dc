import { asText } from '../cloudwatch/loose-json.ts';
import type { CheckedAlarm, CheckedResource, Remark } from './rule.ts';

type Keys = readonly (string | number)[];

/** A remark on a property, which begins with the resource's logical id. */
export const onResource = (resource: CheckedResource, keys: Keys, value: unknown, message: string): Remark => ({
  resource,
  keys: ['Properties', ...keys],
  value,
  message: `${resource.logicalId}: ${message}`,
});

/** A remark on an alarm's property, which begins with the alarm's name, or its logical id when CloudFormation makes the name. */
export const onAlarm = (alarm: CheckedAlarm, keys: Keys, value: unknown, message: string): Remark => ({
  ...onResource(alarm.resource, keys, value, message),
  message: `${asText(alarm.properties['AlarmName']) ?? alarm.resource.logicalId}: ${message}`,
});
