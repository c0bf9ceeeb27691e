// Mouse, pen and fingers on the stage, as what they mean. Points are in CSS pixels of the stage.
import type { Point } from '../core/protocol.ts';

export interface Modifiers {
  shiftKey: boolean;
  altKey: boolean;
}

export interface PointerEvents {
  hover(at: Point, time: number): void;
  leave(): void;
  click(at: Point, keys: Modifiers): void;
  doubleClick(at: Point): void;
  hold(at: Point): void;
  pan(dx: number, dy: number): void;
  zoom(factor: number, about: Point): void;
  draws(keys: Modifiers): boolean; // whether a drag that begins now draws a rectangle
  draw(from: Point, to: Point): void;
}

const DRAG = 5; // CSS pixels from which on a press is a drag
const LONG = 550; // ms of a long press

interface Press {
  id: number;
  start: Point;
  last: Point;
  touch: boolean;
  draws: boolean;
  moved: boolean;
  spent: boolean; // was a long press or part of a pinch: no click
  pinched: boolean;
}

export class Pointer {
  private press: Press | null = null;
  private readonly fingers = new Map<number, Point>();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private clicked = false; // the last press was a click, not a long one, a drag or a pinch

  constructor(
    private readonly stage: HTMLElement,
    private readonly events: PointerEvents,
  ) {
    stage.addEventListener('pointerdown', (e) => this.down(e));
    stage.addEventListener('pointermove', (e) => this.move(e));
    stage.addEventListener('pointerup', (e) => this.up(e));
    stage.addEventListener('pointercancel', (e) => this.end(e));
    stage.addEventListener('pointerleave', () => this.press ?? events.leave());
    stage.addEventListener('dblclick', (e) => {
      // Browsers may take a tap and the end of a long press after it for one.
      if (this.clicked && !e.shiftKey && !e.altKey) events.doubleClick(this.at(e));
    });
    stage.addEventListener('contextmenu', (e) => this.press?.touch && e.preventDefault());
    stage.addEventListener('wheel', (e) => this.wheel(e), { passive: false });
  }

  private at(event: MouseEvent): Point {
    const box = this.stage.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  }

  private down(event: PointerEvent): void {
    if (event.pointerType === 'mouse' && event.button > 1) return;
    const at = this.at(event);
    const touch = event.pointerType === 'touch';
    this.stage.setPointerCapture(event.pointerId);
    if (touch) this.fingers.set(event.pointerId, at);
    if (this.fingers.size > 1) {
      if (this.press) this.press.spent = this.press.pinched = true;
      clearTimeout(this.timer);
      return;
    }
    const draws = this.events.draws(event);
    const press = { id: event.pointerId, start: at, last: at, touch, draws };
    this.press = { ...press, moved: false, spent: false, pinched: false };
    if (event.button === 1) {
      this.press.spent = true; // the middle button only pans
      event.preventDefault();
      return;
    }
    if (draws) return;
    this.timer = setTimeout(() => {
      if (!this.press || this.press.moved) return;
      this.press.spent = true;
      this.events.hold(this.press.last);
    }, LONG);
  }

  private move(event: PointerEvent): void {
    const at = this.at(event);
    if (this.fingers.size > 1 && this.fingers.has(event.pointerId)) return this.pinch(event, at);
    const { press } = this;
    this.takeKeys();
    // The finger that is left over from a pinch means nothing.
    if (event.pointerType === 'touch' && (!press || press.pinched)) return;
    if (!press) return this.events.hover(at, event.timeStamp);
    if (event.pointerId !== press.id) return;
    const away = Math.hypot(at[0] - press.start[0], at[1] - press.start[1]);
    if (!press.moved && away < DRAG) return;
    if (!press.moved) clearTimeout(this.timer);
    press.moved = true;
    if (press.draws) {
      if (!press.spent) this.events.draw(press.start, at);
    } else if (press.touch) {
      this.events.hover(at, event.timeStamp);
    } else {
      this.stage.classList.add('dragging');
      this.events.pan(at[0] - press.last[0], at[1] - press.last[1]);
    }
    press.last = at;
  }

  // Who comes back to the picture from a list or the slider means the keys for the picture.
  private takeKeys(): void {
    const had = document.activeElement;
    if (had?.matches('select, input')) this.stage.focus({ preventScroll: true });
  }

  private pinch(event: PointerEvent, at: Point): void {
    const before = [...this.fingers.values()] as [Point, Point];
    this.fingers.set(event.pointerId, at);
    const after = [...this.fingers.values()] as [Point, Point];
    const middle = ([a, b]: [Point, Point]): Point => [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2];
    const apart = ([a, b]: [Point, Point]): number => Math.hypot(a[0] - b[0], a[1] - b[1]);
    const [from, to] = [middle(before), middle(after)];
    this.events.pan(to[0] - from[0], to[1] - from[1]);
    if (apart(before) > 8) this.events.zoom(apart(after) / apart(before), to);
  }

  private up(event: PointerEvent): void {
    const { press } = this;
    const at = this.at(event);
    this.end(event);
    if (!press || press.id !== event.pointerId) return;
    this.clicked = !press.moved && !press.spent;
    if (!this.clicked) return;
    if (press.touch) this.events.hover(at, event.timeStamp);
    this.events.click(at, event);
  }

  private end(event: PointerEvent): void {
    this.fingers.delete(event.pointerId);
    if (this.press?.id === event.pointerId) {
      clearTimeout(this.timer);
      this.press = null;
      this.stage.classList.remove('dragging');
    }
  }

  private wheel(event: WheelEvent): void {
    event.preventDefault();
    const unit = event.deltaMode === 1 ? 16 : event.deltaMode === 2 ? 400 : 1;
    const step = event.deltaY * unit * (event.ctrlKey ? 0.01 : 0.0018); // ctrl: a pinch on a pad
    this.events.zoom(Math.exp(-Math.max(-1, Math.min(1, step))), this.at(event));
  }
}
