import { expect, it } from 'vitest';
import { unpressed, watchPresses } from '../../local/web/presses.ts';

it('puts a drawing off until the pointer is let go and the click was told, and then draws once', () => {
  const page = new EventTarget();
  const soon: (() => void)[] = [];
  let drawn = 0;
  watchPresses(page, job => void soon.push(job));
  const draw = unpressed(() => {
    drawn += 1;
  });
  draw();
  expect(drawn).toBe(1);
  page.dispatchEvent(new Event('pointerdown'));
  draw();
  draw();
  page.dispatchEvent(new Event('pointerup'));
  expect(drawn).toBe(1);
  // Pressed again at once, as in a double click: it still waits.
  page.dispatchEvent(new Event('pointerdown'));
  for (const job of soon.splice(0)) job();
  expect(drawn).toBe(1);
  page.dispatchEvent(new Event('pointercancel'));
  for (const job of soon.splice(0)) job();
  expect(drawn).toBe(2);
  draw();
  expect(drawn).toBe(3);
  // A list of choices keeps the release to itself.
  page.dispatchEvent(new Event('pointerdown'));
  page.dispatchEvent(Object.assign(new Event('pointermove'), { buttons: 1 }));
  draw();
  expect(drawn).toBe(3);
  page.dispatchEvent(Object.assign(new Event('pointermove'), { buttons: 0 }));
  for (const job of soon.splice(0)) job();
  expect(drawn).toBe(4);
});
