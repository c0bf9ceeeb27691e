// One view on the server: what is wanted of it against what it was told, and which of its frames may
// still be shown. Pure: `send` and the clock are given.
import { Latest } from './latest.ts';
import type {
  FromServer, Frame, MapInfo, Metric, Mode, Point, Probed, SetFields, ToServer,
} from './protocol.ts';

const REFERENCES = ['ref', 'refs', 'region'] as const; // setting one clears the others

// What a `set` asked for, so that its frame can be understood.
export interface Asked {
  ref: Point | null;
  several: boolean; // several references, or a rectangle
  from: string; // the map of the reference; '': the view's own
  mode: Mode;
  channel: number;
  metric: Metric;
  at: number; // when the event behind it happened, milliseconds
  sent: number; // when it went out
}

export class View {
  private name = ''; // "scene/layer"; '' : nothing is open
  private map: MapInfo | null = null; // as the catalogue has it
  private isOpen = false; // on this connection
  private seq = 0;
  private desired: SetFields = {};
  private told: SetFields = {};
  private refusedFields: SetFields | null = null;
  private eventAt = 0;
  private opening = false; // between `open` and its answer: frames are still the old map's
  private shownFrame = -1;
  private setSeq = 0; // of the newest `set`
  private shownSeq = 0;
  private firstSeq = 0; // of the first `set` since `open`: frames before it show only defaults
  private readonly asked = new Map<number, Asked>();

  constructor(
    private readonly send: (message: ToServer) => void,
    private readonly now: () => number,
    readonly id = 0,
  ) {}

  get loading(): boolean {
    return this.opening;
  }

  // A new connection: the server knows nothing, frames count from the start again.
  disconnected(): void {
    this.isOpen = false;
    this.shownFrame = -1;
  }

  restart(): void {
    if (this.map) this.open(this.name, this.map);
  }

  isShown(seq: number): boolean {
    return seq <= this.shownSeq;
  }

  // The server's view is closed first, so that nothing of the old map's state (a channel that the
  // new one does not have) is left in it.
  open(name: string, map: MapInfo): void {
    if (this.isOpen) this.send({ t: 'close', view: this.id });
    this.name = name;
    this.map = map;
    this.isOpen = true;
    this.told = { from: '' };
    this.opening = true;
    this.shownSeq = this.setSeq;
    this.firstSeq = this.seq + 1;
    this.asked.clear();
    this.send({ t: 'open', view: this.id, map: name });
  }

  // The whole of what is wanted; it goes out with the next flush(). `at`: when the person asked.
  want(fields: SetFields, at = this.now()): void {
    this.desired = fields;
    this.eventAt = at;
  }

  // Once per animation frame: sends what differs from what the server was told, as one message.
  flush(): boolean {
    if (!this.isOpen || this.desired === this.refusedFields) return false;
    const wanted: SetFields = { from: '', ...this.desired };
    const changed: SetFields = {};
    let any = false;
    for (const key of Object.keys(wanted) as (keyof SetFields)[]) {
      if (same(wanted[key], this.told[key])) continue;
      Object.assign(changed, { [key]: wanted[key] });
      any = true;
    }
    if (!any) return false;
    if (REFERENCES.some((key) => key in changed)) {
      for (const key of REFERENCES) delete this.told[key];
    }
    this.told = { ...this.told, ...changed };
    this.setSeq = ++this.seq;
    this.asked.set(this.seq, { ...shows(wanted), at: this.eventAt, sent: this.now() });
    this.send({ t: 'set', view: this.id, seq: this.seq, ...changed });
    return true;
  }

  probe(at: Point): number {
    this.seq += 1;
    this.send({ t: 'probe', view: this.id, seq: this.seq, at });
    return this.seq;
  }

  // The answer to `open`; false: it belongs to a map that was left meanwhile. What failed before it
  // came was the map before: it went away when this one was asked for already.
  opened(map: MapInfo): boolean {
    const own = this.map;
    if (!own || map.name !== own.name || map.w !== own.w || map.h !== own.h || map.d !== own.d) {
      return false;
    }
    this.opening = false;
    this.isOpen = true;
    return true;
  }

  // The server refused a `set`, and with it all that it carried: all of the next one is sent.
  refused(): void {
    this.told = this.told.from ? {} : { from: '' };
    this.refusedFields = this.desired;
    this.firstSeq = 0;
  }

  // It is not looked at any more.
  close(): void {
    if (this.isOpen) this.send({ t: 'close', view: this.id });
    this.failed();
  }

  // `open` or the map behind it failed: nothing will come.
  failed(): void {
    this.isOpen = false;
    this.opening = false;
  }

  // May this frame be shown? Older ones than what is shown may not, nor those of a map that was
  // left, nor those from before this page said what it wants.
  accepts(frame: Frame): boolean {
    if (frame.view !== this.id || this.opening || frame.seq < this.firstSeq) return false;
    return frame.frame > this.shownFrame;
  }

  // It is on the screen now; what was asked for it, with everything older forgotten.
  shown(frame: Frame): Asked | undefined {
    this.shownFrame = frame.frame;
    this.shownSeq = Math.max(this.shownSeq, frame.seq);
    const asked = this.asked.get(frame.seq);
    for (const seq of this.asked.keys()) if (seq < frame.seq) this.asked.delete(seq);
    return asked;
  }

  ack(frame: Frame, us: number): void {
    this.send({ t: 'ack', frame: frame.frame, us: Math.max(0, Math.round(us)) });
  }
}

export type Answer = Probed | Extract<FromServer, { t: 'error' }>;

// Answers to probes, by what they were asked for. One pointer probe is out at a time, the newest
// waits; pins are asked for at once.
export class Probes {
  private readonly out = new Map<number, { what: 'pin' | 'pointer'; at: Point }>();
  private readonly next = new Latest<Point>();

  constructor(private readonly probe: (at: Point) => number) {}

  pin(at: Point): void {
    for (const [seq, each] of this.out) if (each.what === 'pin') this.out.delete(seq);
    this.out.set(this.probe(at), { what: 'pin', at });
  }

  pointer(at: Point): void {
    this.next.put(at);
  }

  // Once per animation frame.
  flush(): void {
    if ([...this.out.values()].some((each) => each.what === 'pointer')) return;
    const at = this.next.take();
    if (at) this.out.set(this.probe(at), { what: 'pointer', at });
  }

  answered(message: Answer): { what: 'pin' | 'pointer'; at: Point } | null {
    if (message.seq === null) return null;
    const one = this.out.get(message.seq) ?? null;
    this.out.delete(message.seq);
    return one;
  }

  restart(): void {
    this.out.clear();
    this.next.take();
  }
}

function shows(wanted: SetFields): Omit<Asked, 'at' | 'sent'> {
  const { ref = null, refs, region, from = '', mode, channel, metric } = wanted;
  return {
    ref,
    several: refs !== undefined || region !== undefined,
    from,
    mode: mode ?? 'similarity',
    channel: channel ?? 0,
    metric: metric ?? 'angular',
  };
}

function same(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (!Array.isArray(a) || !Array.isArray(b) || a.length !== b.length) return false;
  return a.every((value, k) => same(value, b[k]));
}
