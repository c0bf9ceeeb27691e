// From a frame message to what may be shown: decoded off the main thread, acknowledged when that is
// done, and dropped if something newer came or the map was left meanwhile.
import type { Frame } from '../core/protocol.ts';
import { Strips, type Levels, type Shown } from '../core/strips.ts';
import type { Asked, View } from '../core/view.ts';
import { decodeLevels } from './decode.ts';

// How a frame came; times are those of performance.now().
export interface Arrival {
  asked: Asked | null; // the `set` that this is the first picture for
  at: number;
  decode: number; // ms
  bytes: number; // of the message
}

export interface FramesEvents {
  show(shown: Shown, arrival: Arrival): void; // it belongs on the screen now
  failed(why: string): void;
}

export class Frames {
  asked: Asked | null = null; // of the newest frame that was shown
  private last: Promise<Levels | null> = Promise.resolve(null); // what `same` stands for
  private before: Promise<void> = Promise.resolve(); // the frame that came last is dealt with
  private readonly strips = new Strips();
  private screen: Shown | null = null;

  constructor(
    private readonly view: View,
    private readonly generation: () => number,
    private readonly events: FramesEvents,
  ) {}

  forget(): void {
    this.asked = null;
    this.screen = null;
    this.strips.drop();
  }

  take(frame: Frame, bytes: number): void {
    const before = this.before;
    this.before = frame.rows ? this.strip(frame, bytes, before) : this.whole(frame, bytes);
  }

  private async whole(frame: Frame, bytes: number): Promise<void> {
    const generation = this.generation();
    const at = performance.now();
    if (frame.enc !== 'same') {
      this.last = frame.enc === 'none' ? Promise.resolve(null) : decodeLevels(frame);
    }
    let levels: Levels | null = null;
    try {
      levels = await this.last;
    } catch (error) {
      this.complain(error);
      this.last = Promise.resolve(null);
    }
    if (generation !== this.generation()) return;
    const decode = performance.now() - at;
    this.view.ack(frame, decode * 1000);
    if (!this.view.accepts(frame)) return;
    this.strips.drop();
    this.show({ frame, levels }, { at, decode, bytes });
  }

  // Strips are put together in the order in which they came, over what came before them.
  private async strip(frame: Frame, bytes: number, before: Promise<void>): Promise<void> {
    const generation = this.generation();
    const at = performance.now();
    let strip: Levels | null = null;
    try {
      strip = await decodeLevels(frame);
    } catch (error) {
      this.complain(error);
    }
    const decode = performance.now() - at;
    await before;
    if (generation !== this.generation()) return;
    this.view.ack(frame, decode * 1000);
    if (!strip || !frame.rows || !this.view.accepts(frame)) return;
    try {
      const shown = this.strips.add(frame, frame.rows, strip, this.screen);
      if (!shown) return;
      this.last = Promise.resolve(shown.levels);
      this.show(shown, { at, decode, bytes });
    } catch (error) {
      this.complain(error);
    }
  }

  private show(shown: Shown, came: Omit<Arrival, 'asked'>): void {
    const seen = this.view.isShown(shown.frame.seq);
    const asked = this.view.shown(shown.frame);
    this.asked = asked ?? this.asked;
    this.screen = shown;
    this.events.show(shown, { ...came, asked: asked && !seen ? asked : null });
  }

  private complain(error: unknown): void {
    this.events.failed(error instanceof Error ? error.message : String(error));
  }
}
