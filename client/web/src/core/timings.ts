// Where the time between the pointer and the picture goes: the last frames that answered an event.
// Pure.

// On the way of a picture: this browser's, the server's, the link's, this browser's.
export const STAGES = [
  'ask', 'wait', 'render', 'read', 'encode', 'network', 'decode', 'draw',
] as const;
export type Stage = (typeof STAGES)[number];

// One frame; times in milliseconds of one clock.
export interface Passage {
  event: number; // when the pointer moved
  sent: number; // when the server was told: once per picture of the screen
  arrived: number;
  decode: number; // how long that took
  draw: number; // likewise
  shown: number; // when it was on the canvas
  us: { wait: number; render: number; read: number; encode: number }; // microseconds, the server's
  bytes: number;
  enc: string;
  exact: boolean;
}

export interface Spread {
  median: number;
  p95: number;
}

export interface Summary {
  frames: number;
  stages: Record<Stage, Spread>; // ms
  total: Spread; // ms from the event to the canvas
  rate: number | null; // frames a second while things move; null: too few to tell
  bytes: Spread;
  jpeg: number; // how many of the frames
  exact: number;
  largest: Stage;
  share: number; // of the largest stage in the sum of all, by medians
}

const REMEMBERED = 60;
const PAUSE = 500; // ms between two frames that are not one movement any more

export class Timings {
  private frames: Passage[] = [];

  add(frame: Passage): void {
    this.frames = [...this.frames, frame].slice(-REMEMBERED);
  }

  clear(): void {
    this.frames = [];
  }

  summary(): Summary | null {
    const { frames } = this;
    if (frames.length === 0) return null;
    const each = frames.map(stagesOf);
    const stages = Object.fromEntries(
      STAGES.map((stage) => [stage, spread(each.map((one) => one[stage]))]),
    ) as Record<Stage, Spread>;
    const sum = STAGES.reduce((all, stage) => all + stages[stage].median, 0);
    const largest = STAGES.reduce((a, b) => (stages[b].median > stages[a].median ? b : a));
    return {
      frames: frames.length,
      stages,
      total: spread(frames.map((one) => one.shown - one.event)),
      rate: rateOf(frames.map((one) => one.arrived)),
      bytes: spread(frames.map((one) => one.bytes)),
      jpeg: frames.filter((one) => one.enc === 'jpeg').length,
      exact: frames.filter((one) => one.exact).length,
      largest,
      share: sum > 0 ? stages[largest].median / sum : 0,
    };
  }
}

// What is neither the server's nor this browser's is the link's: both ways, and waiting for it.
export function stagesOf(passage: Passage): Record<Stage, number> {
  const { event, sent, arrived, decode, draw, us } = passage;
  const [wait, render, read, encode] = [us.wait, us.render, us.read, us.encode].map(
    (value) => value / 1000,
  ) as [number, number, number, number];
  const network = Math.max(0, arrived - sent - (wait + render + read + encode));
  const ask = Math.max(0, sent - event);
  return { ask, wait, render, read, encode, network, decode, draw };
}

// Median, and the value that 95 of 100 do not exceed (nearest rank).
export function spread(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const rank = (share: number): number =>
    sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
  return { median: rank(0.5), p95: rank(0.95) };
}

function rateOf(times: readonly number[]): number | null {
  const gaps = times.slice(1).map((time, k) => time - (times[k] as number));
  const moving = gaps.filter((gap) => gap <= PAUSE);
  const sum = moving.reduce((all, gap) => all + gap, 0);
  return moving.length >= 3 && sum > 0 ? (1000 * moving.length) / sum : null;
}

const SUBJECTS: Record<Stage, string> = {
  ask: 'Waiting in this browser before the server is asked',
  wait: 'Waiting for the server’s turn',
  render: 'Computing the picture',
  read: 'Reading the picture back from the server’s GPU',
  encode: 'Packing the picture',
  network: 'The link',
  decode: 'Unpacking the picture in this browser',
  draw: 'Drawing in this browser',
};

// The largest share in words.
export function verdict({ largest, share }: Summary): string {
  if (share > 0.5) return `${SUBJECTS[largest]} takes most of the time.`;
  return `${SUBJECTS[largest]} takes the largest share, ${Math.round(share * 100)} %.`;
}
