// The input picture under the heat map: fetched at the size that is looked at, in colour and in
// grey. One picture is alive at a time.
import { toGrey } from '../core/colour.ts';
import type { Point } from '../core/protocol.ts';
import { fetchPicture } from './decode.ts';
import { context } from './dom.ts';

const FIRST = 2048; // pixels wide at most, until someone zooms in
const MOST = 8192;

export class Under {
  private url = '';
  private size: Point | null = null;
  private asked = 0; // the width that was fetched or is on its way
  private colour: HTMLCanvasElement | null = null;
  private grey: HTMLCanvasElement | null = null;

  constructor(
    private readonly changed: () => void,
    private readonly failed: (why: string) => void,
  ) {}

  // `url` without a query; '' where the scene has no picture.
  show(url: string, size: Point | null): void {
    if (url === this.url) return;
    this.url = url;
    this.size = size;
    this.asked = 0;
    this.colour = this.grey = null;
    this.changed();
    if (url !== '') this.fetch(FIRST);
  }

  // How many device pixels a pixel of the picture takes on the screen now.
  looked(scale: number): void {
    if (!this.size || this.asked >= this.size[0]) return;
    if (this.size[0] * scale > this.asked * 1.3) this.fetch(MOST);
  }

  get(which: 'grey' | 'colour'): HTMLCanvasElement | null {
    if (which === 'colour' || !this.colour) return this.colour;
    this.grey ??= greyOf(this.colour);
    return this.grey;
  }

  private fetch(most: number): void {
    const { url, size } = this;
    const width = Math.min(most, size ? size[0] : most);
    if (width <= this.asked) return;
    this.asked = width;
    fetchPicture(`${url}?w=${width}`).then(
      (canvas) => {
        if (this.url !== url || this.asked !== width) return;
        this.colour = canvas;
        this.grey = null;
        this.changed();
      },
      (error: unknown) => {
        if (this.url === url) this.failed(error instanceof Error ? error.message : String(error));
      },
    );
  }

  // After a failure or a new connection: try again.
  again(): void {
    if (this.url === '' || this.colour) return;
    this.asked = 0;
    this.fetch(FIRST);
  }
}

function greyOf(colour: HTMLCanvasElement): HTMLCanvasElement {
  const { width, height } = colour;
  const pixels = context(colour).getImageData(0, 0, width, height);
  toGrey(pixels.data);
  const grey = document.createElement('canvas');
  grey.width = width;
  grey.height = height;
  context(grey).putImageData(pixels, 0, 0);
  return grey;
}
