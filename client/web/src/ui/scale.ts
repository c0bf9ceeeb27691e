// The colour scale: the absolute range of what is shown, how the stretch fills it with colours, lo
// and hi in numbers, and how often each value occurs.
import { label, onAxis, ticks, type Axis } from '../core/axis.ts';
import { css } from '../core/colour.ts';
import { layOut, type Label, type Mark } from '../core/labels.ts';
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
    const mark = (value: number, name = ''): Mark => ({
      value, name, y: (1 - onAxis(axis, value)) * height,
    });
    const firm = lo !== null && hi !== null ? [mark(lo, 'lo'), mark(hi, 'hi')] : [];
    const loose = [axis.to, axis.from, ...ticks(axis)].map((value) => mark(value));
    const labels = layOut(firm, loose, height, APART);
    const apart = lo !== null && hi !== null ? Math.abs(hi - lo) : 0;
    this.marks.replaceChildren(...labels.flatMap((each) => elements(axis, each, apart)));
    const words = lo === null || hi === null
      ? 'nothing to show'
      : `lo ${label(axis, lo, apart)}, hi ${label(axis, hi, apart)}`;
    this.root.setAttribute(
      'aria-label',
      `Colour scale from ${label(axis, axis.from)} to ${label(axis, axis.to)}, ${words}`,
    );
  }
}

function elements(axis: Axis, { value, name, y, at }: Label, apart: number): HTMLElement[] {
  const text = document.createElement('span');
  const number = document.createElement(name ? 'b' : 'span');
  number.textContent = label(axis, value, name ? apart : 0);
  if (name) {
    const small = document.createElement('small');
    small.textContent = ` ${name}`;
    text.append(number, small);
  } else {
    text.textContent = number.textContent;
  }
  text.style.transform = `translateY(${Math.round(at)}px)`;
  const line = document.createElement('i');
  line.className = name;
  line.style.transform = `translateY(${Math.round(y)}px)`;
  return [line, text];
}
