// Several references: places that are added and taken away, or a rectangle; and which of these the next
// click or drag means.
import { nearest, rectangle, tidy, toScreen } from '../core/geometry.ts';
import { reference, worldOf } from '../core/model.ts';
import type { Point, Ref } from '../core/protocol.ts';
import { several, type ViewState } from '../core/state.ts';
import type { Page } from './page.ts';
import type { Panel } from './panel.ts';
import { say } from './say.ts';
import { CHROME, MARKS, NUMBERS } from './screen.ts';

export type Tool = 'point' | 'add' | 'take' | 'region';

const NEAR = 11; // CSS pixels around a mark in which a click means the mark
const MOST = 16;

export class References {
  private corner: Point | null = null; // of a rectangle that the keyboard draws

  constructor(private readonly pageOf: () => Page) {}

  private get page(): Page {
    return this.pageOf();
  }

  // A second time: back to the plain pointer.
  choose(tool: Tool): void {
    const { page } = this;
    page.tool = page.tool === tool ? 'point' : tool;
    this.corner = null;
    page.redraw(CHROME);
  }

  // One more at `point`, or none where one of this sign is. `at`: the same on the panel's stage.
  add(panel: Panel, point: Point, at: Point, sign: 1 | -1): void {
    if (this.elsewhere(panel)) return;
    const { state } = panel;
    const old = this.present(panel);
    const placed = panel.placement();
    const marks = placed ? old.map(([x, y]) => toScreen(placed, [x, y])) : [];
    const hit = nearest(marks, at, NEAR);
    const refs: Ref[] = hit !== null && old[hit]?.[2] === sign && state.refs.length > 0
      ? old.filter((_, k) => k !== hit)
      : [...old, [point[0], point[1], sign]];
    if (refs.length > MOST) return this.page.complain(`${MOST} references are the most; take one away.`);
    if (refs.length > 0 && refs.every((ref) => ref[2] < 0)) {
      return this.page.complain(
        'A negative reference needs a positive one first: hold Shift and click, or choose ⊕.',
      );
    }
    this.set(panel, { refs, region: null });
    if (refs.length === 0) return;
    for (const each of this.page.linked(panel)) each.lookAt(point, each === panel);
  }

  // What is there to add to: a held reference counts as the first.
  private present({ model }: Panel): readonly Ref[] {
    const { state, held } = model;
    const point = held ? reference(model).point : null;
    return state.refs.length > 0 || !point ? state.refs : [[point[0], point[1], 1]];
  }

  // A rectangle between two points of the picture, while it is drawn.
  region(panel: Panel, from: Point, to: Point): void {
    const { scene } = panel.model;
    if (!scene || this.elsewhere(panel)) return;
    this.set(panel, { refs: [], region: rectangle(worldOf(scene), tidy(from), tidy(to)) });
  }

  // From the keyboard: one more reference, or a corner of the rectangle, whose second one ends it.
  enter(panel: Panel, point: Point): void {
    const { tool } = this.page;
    const placed = panel.placement();
    if (tool === 'add' || tool === 'take') {
      if (placed) this.add(panel, point, toScreen(placed, point), tool === 'add' ? 1 : -1);
      return;
    }
    const first = panel.state.region ? this.corner : null;
    this.corner = first ? null : point;
    this.region(panel, first ?? point, point);
    for (const each of this.page.linked(panel)) each.lookAt(point, each === panel);
    say(first ? 'the rectangle is the reference' : 'one corner; move, and press Enter at the other');
  }

  private elsewhere({ state }: Panel): boolean {
    if (state.from === '') return false;
    const scene = state.from.slice(0, state.from.indexOf('/'));
    this.page.complain(`The reference lies in “${scene}”: choose it there.`);
    return true;
  }

  private set(panel: Panel, patch: Pick<ViewState, 'refs' | 'region'>): void {
    const { page } = this;
    page.activate(panel);
    page.complain('');
    for (const each of page.linked(panel)) each.release();
    page.change(patch, MARKS | NUMBERS | CHROME, undefined, panel);
  }

  // Back to one reference that follows the pointer; false: there was nothing to clear.
  clear(): boolean {
    const { page } = this;
    const busy = page.tool !== 'point';
    page.tool = 'point';
    const lead = page.leader();
    if (several(lead.state)) {
      for (const each of page.linked(lead)) each.release();
      page.change({ refs: [], region: null }, MARKS | NUMBERS | CHROME, undefined, lead);
      return true;
    }
    if (busy) page.redraw(CHROME);
    return busy;
  }
}
