// Small helpers around the page's elements.

export function byId<T extends Element = HTMLElement>(id: string): T {
  const element = document.getElementById(id);
  if (!element) throw new Error(`the page has no #${id}`);
  return element as unknown as T;
}

export function context(canvas: HTMLCanvasElement): CanvasRenderingContext2D {
  const context = canvas.getContext('2d');
  if (!context) throw new Error('this browser has no 2D canvas');
  return context;
}

export function density(): number {
  return Math.max(1, window.devicePixelRatio || 1);
}

// Gives the canvas as many pixels as the screen has under its box; true if that changed it.
export function fitCanvas(canvas: HTMLCanvasElement): boolean {
  const w = Math.max(1, Math.round(canvas.clientWidth * density()));
  const h = Math.max(1, Math.round(canvas.clientHeight * density()));
  if (canvas.width === w && canvas.height === h) return false;
  canvas.width = w;
  canvas.height = h;
  return true;
}

// Calls back when an element's size or the screen's pixel ratio changes.
export function onResize(element: Element, changed: () => void): void {
  new ResizeObserver(changed).observe(element);
  const watch = (): void => {
    const query = matchMedia(`(resolution: ${window.devicePixelRatio}dppx)`);
    query.addEventListener('change', () => (changed(), watch()), { once: true });
  };
  watch();
}

export function variable(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

export function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}
