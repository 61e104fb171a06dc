/** What a page of the viewer is: an element that is shown, and a way to end what it started. */
import type { Scope } from '../signal.ts';

export interface PageContext {
  /** Ends with the page. */
  readonly scope: Scope;
  /** Where the page's own tools stand, at the end of the tab row. */
  readonly toolbar: HTMLElement;
}

export type Page = (context: PageContext) => HTMLElement;
