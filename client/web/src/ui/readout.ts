// The exact numbers: the pointer's cell compared with the pin, else with a held reference, else
// with itself.
import { fixed, significant } from '../core/format.ts';
import type { Measured } from '../core/model.ts';
import type { Comparison } from '../core/readout.ts';
import type { Point } from '../core/protocol.ts';
import { byId, setText } from './dom.ts';
import { say } from './say.ts';

export interface Numbers {
  cell: Point | null;
  point: Point | null;
  comparison: Comparison | null; // null: nothing is known yet
  what: string; // what is compared, in words
  pinned: boolean;
  more: Measured | null; // one row more
}

const NONE = '–';
const NO_DATA = 'no data';

export class Readout {
  private put(id: string, text: string): void {
    const element = byId(id);
    setText(element, text);
    element.classList.toggle('none', text === NONE || text === NO_DATA);
  }

  show({ cell, point, comparison, what, pinned, more }: Numbers): void {
    const number = (value: number | null | undefined, text: (v: number) => string): string =>
      !comparison || !cell ? NONE : value == null ? NO_DATA : text(value);
    this.put('r-cell', cell ? `${cell[0]}, ${cell[1]}` : NONE);
    this.put('r-point', point ? `${Math.floor(point[0])}, ${Math.floor(point[1])}` : NONE);
    this.put('r-s', number(comparison?.s, (v) => fixed(v, 4)));
    byId('r-s').title = (comparison?.s ?? 0) < 0 ? 'below 0: more than a right angle apart' : '';
    this.put('r-cosine', number(comparison?.cosine, (v) => fixed(v, 4)));
    this.put('r-angle', number(comparison?.angle, (v) => `${fixed(v, 1)}°`));
    this.put('r-norm', number(comparison?.norm, (v) => significant(v, 4)));
    byId('r-more-row').hidden = more === null;
    if (more) setText(byId('r-more-name'), more.name);
    this.put('r-more', number(more?.value, (v) => significant(v, 5)));
    const words = byId('r-what');
    setText(words, what);
    words.title = what;
    words.classList.toggle('pinned', pinned);
  }

  // For a screen reader, after the keyboard moved the reference or a pin was set.
  say(): void {
    const value = (id: string): string => byId(id).textContent ?? '';
    const more = byId('r-more-row').hidden ? '' : `, ${value('r-more-name')} ${value('r-more')}`;
    say(`cell ${value('r-cell')}, s ${value('r-s')}${more}`);
  }
}
