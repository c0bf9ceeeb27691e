// The input pictures under the heat maps: fetched at the size that is looked at, in colour and in
// grey. Those of the scenes in the panels are alive.
import { toGrey } from '../core/colour.ts';
import type { Point, SceneInfo } from '../core/protocol.ts';
import { fetchPicture } from './decode.ts';
import { context } from './dom.ts';

const FIRST = 2048; // pixels wide at most, until someone zooms in
const MOST = 8192;

export class Under {
  private asked = 0; // the width that was fetched or is on its way
  private colour: HTMLCanvasElement | null = null;
  private grey: HTMLCanvasElement | null = null;

  // `url` ends where the width belongs.
  constructor(
    private readonly url: string,
    private readonly size: Point,
    private readonly changed: () => void,
    private readonly failed: (why: string) => void,
  ) {
    this.fetch(FIRST);
  }

  // How many device pixels a pixel of the picture takes on the screen now.
  looked(scale: number): void {
    if (this.asked >= this.size[0]) return;
    if (this.size[0] * scale > this.asked * 1.3) this.fetch(MOST);
  }

  get(which: 'grey' | 'colour'): HTMLCanvasElement | null {
    if (which === 'colour' || !this.colour) return this.colour;
    this.grey ??= greyOf(this.colour);
    return this.grey;
  }

  private fetch(most: number): void {
    const { url, size } = this;
    const width = Math.min(most, size[0]);
    if (width <= this.asked) return;
    this.asked = width;
    fetchPicture(`${url}${width}`).then(
      (canvas) => {
        if (this.asked !== width) return;
        this.colour = canvas;
        this.grey = null;
        this.changed();
      },
      (error: unknown) => {
        this.failed(error instanceof Error ? error.message : String(error));
      },
    );
  }

  // After a failure or a new connection: try again.
  again(): void {
    if (this.colour) return;
    this.asked = 0;
    this.fetch(FIRST);
  }
}

export class Unders {
  private readonly byScene = new Map<string, Under>(); // by name and rev

  constructor(
    private readonly changed: () => void,
    private readonly failed: (why: string) => void,
  ) {}

  // Null where the scene has no picture.
  of(scene: SceneInfo | null): Under | null {
    if (!scene?.picture) return null;
    const key = keyOf(scene);
    const known = this.byScene.get(key);
    if (known) return known;
    const url = `api/v1/scenes/${encodeURIComponent(scene.name)}/picture?rev=${scene.rev}&w=`;
    const one = new Under(url, scene.picture, this.changed, this.failed);
    this.byScene.set(key, one);
    return one;
  }

  // Those of other scenes are forgotten, and pictures that were replaced.
  keep(scenes: readonly (SceneInfo | null)[]): void {
    const kept = scenes.map((scene) => scene && keyOf(scene));
    for (const key of this.byScene.keys()) if (!kept.includes(key)) this.byScene.delete(key);
  }

  again(): void {
    for (const one of this.byScene.values()) one.again();
  }
}

function keyOf({ name, rev }: SceneInfo): string {
  return `${name}\n${rev}`;
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
