/** The inputs of a dashboard's variables. Choices live in the address, so that they can be shared. */
import { chosenValue, type DashboardVariable } from '../../../core/cloudwatch/dashboard-variables.ts';
import { api } from '../api.ts';
import { h } from '../dom.ts';

export type Choices = Readonly<Record<string, string>>;

const prefix = 'v.';

/** `v.strategy=s1` of an address. */
export const choicesIn = (search: Choices): Choices =>
  Object.fromEntries(Object.entries(search).flatMap(([key, value]) => (key.startsWith(prefix) ? [[key.slice(prefix.length), value]] : [])));

export const choicesSearch = (choices: Choices): Record<string, string> =>
  Object.fromEntries(Object.entries(choices).map(([id, value]) => [`${prefix}${id}`, value]));

export interface VariableBar {
  readonly element: HTMLElement;
  /** The variables with the values that a search found. */
  readonly ready: Promise<void>;
}

/** Draws every visible variable; `choose` is told of each change. */
export function variableBar(
  variables: readonly DashboardVariable[],
  choices: Choices,
  choose: (id: string, value: string) => void,
): VariableBar {
  const element = h('div', { class: 'variables', role: 'group', 'aria-label': 'Variables of this dashboard' });
  const visible = variables.filter(each => each.visible);
  element.hidden = visible.length === 0;
  const draw = (found: ReadonlyMap<string, readonly string[]>) => {
    element.replaceChildren(...visible.map(each => control(withFound(each, found), choices, choose)));
  };
  draw(new Map());
  return { element, ready: searchValues(visible).then(draw, () => undefined) };
}

function withFound(variable: DashboardVariable, found: ReadonlyMap<string, readonly string[]>): DashboardVariable {
  const more = (found.get(variable.id) ?? []).filter(value => !variable.values.some(each => each.value === value));
  return more.length === 0 ? variable : { ...variable, values: [...variable.values, ...more.map(value => ({ value, label: value }))] };
}

/** Values of the dimension that a search's metrics have. */
async function searchValues(variables: readonly DashboardVariable[]): Promise<ReadonlyMap<string, readonly string[]>> {
  const searched = variables.flatMap(({ id, search }) => (search === undefined ? [] : [{ id, search }]));
  const found = await Promise.all(searched.map(async ({ id, search }) => [id, (await api.searchValues(search)).values] as const));
  return new Map(found);
}

function control(variable: DashboardVariable, choices: Choices, choose: (id: string, value: string) => void): HTMLElement {
  const now = chosenValue(variable, choices) ?? '';
  const told = (event: Event) => {
    const { target } = event;
    if (target instanceof HTMLInputElement || target instanceof HTMLSelectElement) choose(variable.id, target.value);
  };
  const known = variable.values.some(({ value }) => value === now);
  const values = known || now === '' ? variable.values : [{ value: now, label: now }, ...variable.values];
  const marked = { 'data-testid': `variable-${variable.id}` };
  switch (variable.inputType) {
    case 'input':
      return h(
        'label',
        { class: 'variable', ...marked },
        h('span', {}, variable.label),
        h('input', { type: 'text', value: now, spellcheck: 'false', on: { change: told } }),
      );
    case 'radio':
      return h(
        'fieldset',
        { class: 'variable', ...marked },
        h('legend', {}, variable.label),
        ...values.map(({ value, label }) =>
          h(
            'label',
            {},
            h('input', { type: 'radio', name: `variable-${variable.id}`, value, checked: value === now, on: { change: told } }),
            h('span', {}, label),
          ),
        ),
      );
    case 'select':
      return h(
        'label',
        { class: 'variable', ...marked },
        h('span', {}, variable.label),
        h('select', { on: { change: told } }, ...values.map(({ value, label }) => h('option', { value, selected: value === now }, label))),
      );
  }
}
