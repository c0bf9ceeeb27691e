// The canvas: the input picture, and over it the heat map with sharp cells, C a + P (1 - a).
// Colour map, opacity, zoom and theme only draw anew; nothing is asked of the server for them.
import { palette, paint } from '../core/colour.ts';
import { maskOf, type Mask } from '../core/mask.ts';
import { toScreen, windowRect, type Grid, type Placement } from '../core/geometry.ts';
import type { Rect } from '../core/protocol.ts';
import type { Levels } from '../core/strips.ts';
import { context, density, fitCanvas, variable } from './dom.ts';

export class Picture {
  private readonly screen: CanvasRenderingContext2D;
  private readonly heat = document.createElement('canvas');
  private readonly heatContext = context(this.heat);
  private pixels: ImageData | null = null;
  private levels: Levels | null = null;
  private window: Rect = [0, 0, 1, 1];
  private grid: Grid | null = null;
  private mask: Mask | null = null;
  private valid: Uint8Array | null = null; // of the present window and size
  private validFor = '';
  private rgba: Uint8ClampedArray = new Uint8ClampedArray(1024);

  constructor(private readonly canvas: HTMLCanvasElement) {
    this.screen = context(canvas);
  }

  // What a frame brought; null: nothing can be shown.
  setLevels(levels: Levels | null, grid: Grid, window: Rect): void {
    this.levels = levels;
    this.grid = grid;
    this.window = window;
    this.colourIn();
  }

  setMask(mask: Mask | null): void {
    this.mask = mask;
    this.validFor = '';
    this.colourIn();
  }

  setColours(rgb: Uint8Array, opacity: number, at: Float64Array | null = null): void {
    this.rgba = palette(rgb, opacity, at);
    this.colourIn();
  }

  private colourIn(): void {
    const { levels } = this;
    if (!levels) return;
    if (!this.pixels || this.pixels.width !== levels.w || this.pixels.height !== levels.h) {
      this.heat.width = levels.w;
      this.heat.height = levels.h;
      this.pixels = new ImageData(levels.w, levels.h);
    }
    paint(levels.bytes, this.rgba, this.validCells(levels), this.pixels.data);
    this.heatContext.putImageData(this.pixels, 0, 0);
  }

  private validCells(levels: Levels): Uint8Array | null {
    if (!this.mask) return null;
    const key = `${this.window.join()} ${levels.w} ${levels.h}`;
    if (key !== this.validFor) this.valid = maskOf(this.mask, this.window, levels.w, levels.h);
    this.validFor = key;
    return this.valid;
  }

  draw(place: Placement, under: CanvasImageSource | null, clip: boolean): void {
    fitCanvas(this.canvas);
    const { screen, canvas } = this;
    const d = density();
    const [x0, y0] = toScreen(place, [place.world[0], place.world[1]]);
    const [x1, y1] = toScreen(place, [place.world[2], place.world[3]]);
    const box: Rect = [
      Math.round(x0 * d), Math.round(y0 * d), Math.round(x1 * d), Math.round(y1 * d),
    ];
    screen.setTransform(1, 0, 0, 1, 0, 0);
    screen.clearRect(0, 0, canvas.width, canvas.height);
    screen.save();
    if (clip) {
      screen.beginPath();
      screen.rect(box[0], box[1], box[2] - box[0], box[3] - box[1]);
      screen.clip();
    }
    if (under) {
      screen.imageSmoothingEnabled = true;
      screen.imageSmoothingQuality = 'high';
      screen.drawImage(under, box[0], box[1], box[2] - box[0], box[3] - box[1]);
    }
    if (this.levels && this.grid) this.drawHeat(place, d);
    screen.restore();
    if (!clip) this.drawFrame(box);
  }

  // Where there is no picture, a line says how far the map goes when nothing can be shown.
  private drawFrame([x0, y0, x1, y1]: Rect): void {
    this.screen.strokeStyle = variable('--line');
    this.screen.lineWidth = 1;
    this.screen.strokeRect(x0 + 0.5, y0 + 0.5, x1 - x0 - 1, y1 - y0 - 1);
  }

  private drawHeat(place: Placement, d: number): void {
    const rect = windowRect(this.grid as Grid, this.window);
    const [x0, y0] = toScreen(place, [rect[0], rect[1]]);
    const [x1, y1] = toScreen(place, [rect[2], rect[3]]);
    this.screen.imageSmoothingEnabled = false;
    const [x, y] = [Math.round(x0 * d), Math.round(y0 * d)];
    const { heat } = this;
    this.screen.drawImage(
      heat, 0, 0, heat.width, heat.height, x, y, Math.round(x1 * d) - x, Math.round(y1 * d) - y,
    );
  }

  // A copy for the test hook.
  copy(): { w: number; h: number; levels: number[] } | null {
    const { levels } = this;
    return levels && { w: levels.w, h: levels.h, levels: Array.from(levels.bytes) };
  }
}
