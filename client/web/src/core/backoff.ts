// How long to wait before connecting again: 0.5 s, doubling up to 8 s, for ever, each spread by a
// quarter so that many pages do not come back at the same moment.
const FIRST = 500;
const LAST = 8000;

export class Backoff {
  private tries = 0;

  constructor(private readonly random: () => number = Math.random) {}

  next(): number {
    const plain = Math.min(LAST, FIRST * 2 ** this.tries);
    this.tries = Math.min(this.tries + 1, 16);
    return Math.round(plain * (0.75 + 0.5 * this.random()));
  }

  reset(): void {
    this.tries = 0;
  }
}
