/** As much of JSON Schema 2020-12 as docs/events.schema.json uses; any other keyword is an error, so that nothing is skipped unseen. */
type Schema = Readonly<Record<string, unknown>>;

const describing = ['description', 'title', '$schema', '$id', '$defs', 'examples', 'default', '$comment'];

/** Problems of the value, each with its place; none means that it is valid. */
export function schemaProblems(root: Schema, value: unknown, schema: Schema = root, path = ''): readonly string[] {
  return Object.entries(schema).flatMap(([keyword, rule]): readonly string[] => {
    if (describing.includes(keyword)) return [];
    const within = (each: unknown, place = path, of: unknown = value) => schemaProblems(root, of, each as Schema, place);
    const list = rule as readonly unknown[];
    const fail = (ok: boolean, what = `${keyword} ${JSON.stringify(rule).slice(0, 80)}`) =>
      ok ? [] : [`${path || '/'}: ${what}; was ${JSON.stringify(value)}`];
    switch (keyword) {
      case '$ref':
        return within((root['$defs'] as Schema)[String(rule).replace('#/$defs/', '')]);
      case 'allOf':
        return list.flatMap(each => within(each));
      case 'anyOf':
        return fail(list.some(each => within(each).length === 0));
      case 'oneOf':
        return fail(list.filter(each => within(each).length === 0).length === 1);
      case 'type':
        return fail(([] as unknown[]).concat(rule).some(type => isOfType(type, value)));
      case 'enum':
        return fail(list.includes(value));
      case 'const':
        return fail(value === rule);
      case 'pattern':
        return fail(typeof value !== 'string' || new RegExp(String(rule), 'u').test(value));
      case 'minLength':
        return fail(typeof value !== 'string' || [...value].length >= Number(rule));
      case 'maxLength':
        return fail(typeof value !== 'string' || [...value].length <= Number(rule));
      case 'minimum':
        return fail(typeof value !== 'number' || value >= Number(rule));
      case 'maximum':
        return fail(typeof value !== 'number' || value <= Number(rule));
      case 'required':
        return list
          .filter(name => isOfType('object', value) && !(String(name) in (value as object)))
          .map(name => `${path}/${String(name)}: is required`);
      case 'properties':
        return Object.entries(rule as Schema).flatMap(([name, each]) =>
          isOfType('object', value) && name in (value as object) ? within(each, `${path}/${name}`, (value as Schema)[name]) : [],
        );
      case 'items':
        return Array.isArray(value) ? value.flatMap((item, index) => within(rule, `${path}/${index}`, item)) : [];
      default:
        throw new Error(`${path}: the validator of the tests does not know the keyword ${keyword}`);
    }
  });
}

function isOfType(type: unknown, value: unknown): boolean {
  if (type === 'object') return typeof value === 'object' && value !== null && !Array.isArray(value);
  if (type === 'array') return Array.isArray(value);
  if (type === 'integer') return Number.isInteger(value);
  if (type === 'null') return value === null;
  return typeof value === type;
}
