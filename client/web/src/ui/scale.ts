// The colour scale: the absolute range of what is shown, how the stretch fills it with colours, lo
// and hi in numbers, and how often each value occurs.
import { label, onAxis, ticks, type Axis } from '../core/axis.ts';
import { css } from '../core/colour.ts';
import type { Point } from '../core/protocol.ts';
import { byId, context, density, fitCanvas, onResize, variable } from './dom.ts';

export interface Shown {
  axis: Axis;
  lo: number | null;
  hi: number | null;
  distance: boolean; // small values are bright
  range: Point | null;
  hist: Uint32Array | null;
  rgb: Uint8Array;
}

const APART = 15; // CSS pixels between two labels

interface Mark {
  value: number;
  name: string; // 'lo', 'hi' or '' for the ends
  y: number;
}

export class Scale {
  private readonly root = byId('scale');
  private readonly gradient = byId<HTMLCanvasElement>('gradient');
  private readonly hist = byId<HTMLCanvasElement>('hist');
  private readonly marks = byId('marks');
  private shown: Shown | null = null;

  constructor() {
    onResize(this.root, () => this.draw());
  }

  show(shown: Shown | null): void {
    this.shown = shown;
    this.root.hidden = shown === null;
    this.draw();
  }

  draw(): void {
    const { shown } = this;
    if (!shown) return;
    this.drawGradient(shown);
    this.drawHist(shown);
    this.drawMarks(shown);
  }

  private drawGradient({ axis, lo, hi, distance, rgb }: Shown): void {
    fitCanvas(this.gradient);
    const { width, height } = this.gradient;
    const screen = context(this.gradient);
    screen.clearRect(0, 0, width, height);
    if (lo === null || hi === null) return;
    for (let y = 0; y < height; y++) {
      const value = axis.from + ((height - y - 0.5) / height) * (axis.to - axis.from);
      const s = hi > lo ? Math.min(1, Math.max(0, (value - lo) / (hi - lo))) : 0.5;
      screen.fillStyle = css(rgb, Math.round(255 * (distance ? 1 - s : s)));
      screen.fillRect(0, y, width, 1);
    }
  }

  // Root of the counts: one cell in ten thousand is still seen.
  private drawHist({ axis, range, hist }: Shown): void {
    fitCanvas(this.hist);
    const { width, height } = this.hist;
    const screen = context(this.hist);
    screen.clearRect(0, 0, width, height);
    if (!hist || !range) return;
    const most = Math.sqrt(Math.max(1, ...hist));
    const step = (range[1] - range[0]) / hist.length;
    screen.fillStyle = variable('--dim');
    screen.globalAlpha = 0.6;
    hist.forEach((count, k) => {
      if (count === 0) return;
      const a = (1 - onAxis(axis, range[0] + k * step)) * height;
      const b = (1 - onAxis(axis, range[0] + (k + 1) * step)) * height;
      const top = Math.round(Math.min(a, b));
      const thick = Math.max(Math.round(density()), Math.round(Math.max(a, b)) - top);
      const length = Math.max(density(), (Math.sqrt(count) / most) * (width - 2));
      screen.fillRect(width - length, Math.min(top, height - thick), length, thick);
    });
    screen.globalAlpha = 1;
  }

  private drawMarks({ axis, lo, hi }: Shown): void {
    const height = this.root.clientHeight;
    const at = (value: number): number => (1 - onAxis(axis, value)) * height;
    const chosen: Mark[] = [];
    if (lo !== null && hi !== null) {
      chosen.push({ value: lo, name: 'lo', y: at(lo) }, { value: hi, name: 'hi', y: at(hi) });
      spread(chosen, height);
    }
    for (const value of [axis.to, axis.from, ...ticks(axis)]) {
      const y = at(value);
      const free = chosen.every((mark) => Math.abs(mark.y - y) >= APART);
      if (free) chosen.push({ value, name: '', y });
    }
    this.marks.replaceChildren(...chosen.flatMap((mark) => elements(axis, mark, at(mark.value))));
    const words = lo === null || hi === null
      ? 'nothing to show'
      : `lo ${label(axis, lo)}, hi ${label(axis, hi)}`;
    this.root.setAttribute(
      'aria-label',
      `Colour scale from ${label(axis, axis.from)} to ${label(axis, axis.to)}, ${words}`,
    );
  }
}

// Two labels that would cover each other are moved apart, equally far.
function spread(pair: Mark[], height: number): void {
  const [a, b] = [...pair].sort((p, q) => p.y - q.y || (p.name === 'hi' ? -1 : 1)) as [Mark, Mark];
  const missing = APART - (b.y - a.y);
  if (missing <= 0) return;
  const top = Math.min(Math.max(0, a.y - missing / 2), height - APART);
  a.y = top;
  b.y = top + APART;
}

function elements(axis: Axis, mark: Mark, tick: number): HTMLElement[] {
  const text = document.createElement('span');
  const value = document.createElement(mark.name ? 'b' : 'span');
  value.textContent = label(axis, mark.value);
  if (mark.name) {
    const name = document.createElement('small');
    name.textContent = ` ${mark.name}`;
    text.append(value, name);
  } else {
    text.textContent = value.textContent;
  }
  text.style.transform = `translateY(${Math.round(mark.y)}px)`;
  const line = document.createElement('i');
  line.style.transform = `translateY(${Math.round(tick)}px)`;
  return [line, text];
}
