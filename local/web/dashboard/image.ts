/** A widget as a PNG: its element drawn through SVG's foreignObject, canvases as pictures, styles of the page inside. */

/** Properties of the page that style sheets refer to. */
function customProperties(): string {
  const names = new Set<string>();
  for (const sheet of document.styleSheets) {
    for (const rule of sheet.cssRules) {
      if (!(rule instanceof CSSStyleRule) || !rule.selectorText.includes(':root')) continue;
      for (const name of rule.style) if (name.startsWith('--')) names.add(name);
    }
  }
  const style = getComputedStyle(document.documentElement);
  return [...names].map(name => `${name}:${style.getPropertyValue(name)}`).join(';');
}

const styleText = (): string =>
  [...document.styleSheets]
    .flatMap(sheet => [...sheet.cssRules])
    .filter(rule => !(rule instanceof CSSImportRule))
    .map(rule => rule.cssText)
    .join('\n');

const sheetsOf = (root: ShadowRoot): string =>
  root.adoptedStyleSheets.map(sheet => [...sheet.cssRules].map(rule => rule.cssText.replaceAll(':host', '.custom')).join('\n')).join('\n');

/** A copy that stands alone: canvases become images, shadow trees become ordinary children. */
function standalone(element: HTMLElement): HTMLElement {
  const copy = element.cloneNode(true) as HTMLElement;
  const pairs = (selector: string) => {
    const copies = [...copy.querySelectorAll<HTMLElement>(selector)];
    return [...element.querySelectorAll<HTMLElement>(selector)].map((from, at) => [from, copies[at]] as const);
  };
  for (const [from, to] of pairs('canvas')) {
    if (!(from instanceof HTMLCanvasElement) || to === undefined) continue;
    const image = document.createElement('img');
    image.src = from.toDataURL('image/png');
    image.style.cssText = `width:${from.clientWidth}px;height:${from.clientHeight}px;position:absolute;inset:0`;
    to.replaceWith(image);
  }
  for (const [from, to] of pairs('.custom')) {
    if (from.shadowRoot === null || to === undefined) continue;
    const style = document.createElement('style');
    style.textContent = sheetsOf(from.shadowRoot);
    to.replaceChildren(style, ...[...from.shadowRoot.childNodes].map(node => node.cloneNode(true)));
  }
  for (const tool of copy.querySelectorAll('.widget-tools, .u-select, .u-cursor-x, .u-cursor-y, .u-cursor-pt')) tool.remove();
  return copy;
}

/** Twice the size on the screen, on the panel's ground. @throws Error when the browser cannot draw it. */
export async function pngOf(element: HTMLElement): Promise<Blob> {
  const { width, height } = element.getBoundingClientRect();
  const copy = standalone(element);
  copy.style.cssText = `width:${width}px;height:${height}px;margin:0;grid-area:auto`;
  const holder = document.createElement('div');
  holder.setAttribute('xmlns', 'http://www.w3.org/1999/xhtml');
  holder.style.cssText = `${customProperties()};font-family:var(--sans);font-size:14px;color:var(--text);width:${width}px;height:${height}px`;
  const style = document.createElement('style');
  style.textContent = styleText();
  holder.append(style, copy);
  const inside = new XMLSerializer().serializeToString(holder);
  const source = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"><foreignObject width="100%" height="100%">${inside}</foreignObject></svg>`;
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(source)}`;
  await image.decode();
  const canvas = document.createElement('canvas');
  canvas.width = Math.round(width * 2);
  canvas.height = Math.round(height * 2);
  const paint = canvas.getContext('2d');
  if (paint === null) throw new Error('this browser draws no canvas');
  paint.fillStyle = getComputedStyle(document.documentElement).getPropertyValue('--panel').trim();
  paint.fillRect(0, 0, canvas.width, canvas.height);
  paint.scale(2, 2);
  paint.drawImage(image, 0, 0);
  return new Promise((resolve, reject) => {
    canvas.toBlob(blob => (blob === null ? reject(new Error('this browser makes no PNG')) : resolve(blob)), 'image/png');
  });
}

export function save(blob: Blob, name: string): void {
  const link = document.createElement('a');
  const address = URL.createObjectURL(blob);
  link.href = address;
  link.download = name;
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
