// From a frame message to what may be shown: decoded off the main thread, acknowledged when that is
// done, and dropped if something newer came or the map was left meanwhile.
import type { Frame } from '../core/protocol.ts';
import type { Asked, View } from '../core/view.ts';
import { decodeLevels, type Levels } from './decode.ts';

export class Frames {
  asked: Asked | null = null; // of the newest frame that was shown
  private last: Promise<Levels | null> = Promise.resolve(null); // what `same` stands for

  constructor(
    private readonly view: View,
    private readonly generation: () => number,
  ) {}

  forget(): void {
    this.asked = null;
  }

  async take(
    frame: Frame,
    show: (levels: Levels | null, late: number | null) => void,
    failed: (why: string) => void,
  ): Promise<void> {
    const generation = this.generation();
    const start = performance.now();
    if (frame.enc !== 'same') {
      this.last = frame.enc === 'none' ? Promise.resolve(null) : decodeLevels(frame);
    }
    let levels: Levels | null = null;
    try {
      levels = await this.last;
    } catch (error) {
      failed(error instanceof Error ? error.message : String(error));
      this.last = Promise.resolve(null);
    }
    if (generation !== this.generation()) return;
    this.view.ack(frame, (performance.now() - start) * 1000);
    if (!this.view.accepts(frame)) return;
    const seen = this.view.isShown(frame.seq);
    const asked = this.view.shown(frame);
    this.asked = asked ?? this.asked;
    show(levels, asked && !seen ? performance.now() - asked.at : null);
  }
}
