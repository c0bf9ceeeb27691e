// What each key does.
import { MOST } from '../core/panels.ts';
import type { Actions } from './actions.ts';
import type { Key } from './keys.ts';

export interface Parts {
  help(): void;
  close(): boolean; // true if there was something to close
}

const ARROWS: Record<string, readonly [number, number]> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

export function keymap(actions: Actions, { help, close }: Parts): Key[] {
  const digits = Array.from({ length: MOST }, (_, k) => String(k + 1));
  return [
    {
      keys: Object.keys(ARROWS), shown: '← ↑ → ↓', what: 'move by one cell, with Shift by ten',
      run: ({ key, shiftKey }) => {
        const [di, dj] = ARROWS[key] ?? [0, 0];
        const step = shiftKey ? 10 : 1;
        actions.move(di * step, dj * step);
      },
    },
    {
      keys: ['p'], shown: 'P', what: 'pin the cell, or take the pin away from there',
      run: () => actions.pinReference(),
    },
    {
      keys: ['Enter', ' '], shown: '', what: 'pin, or what the tool does', only: '.stage',
      run: () => actions.enter(),
    },
    {
      keys: ['h'], shown: 'H', what: 'hold the reference: the pointer reads values off the heat map',
      run: () => actions.hold(),
    },
    {
      keys: ['Escape'], shown: 'Esc', what: 'one step back: close, clear the references, let go',
      run: () => void (close() || actions.escape()),
    },
    { keys: ['+', '='], shown: '+', what: 'zoom in', run: () => actions.zoomHere(1.5) },
    { keys: ['-'], shown: '−', what: 'zoom out', run: () => actions.zoomHere(1 / 1.5) },
    { keys: ['0'], shown: '0', what: 'show the whole picture', run: () => actions.fit() },
    {
      keys: ['c'], shown: 'C', what: 'picture in grey or colour',
      run: () => actions.switchPicture(),
    },
    {
      keys: ['l'], shown: 'L', what: 'lock lo and hi for all panels, or let them go',
      run: () => actions.lock(),
    },
    {
      keys: digits, shown: `1 … ${MOST}`, what: 'choose the panel that the numbers are of',
      run: ({ key }) => actions.choosePanel(Number(key) - 1),
    },
    {
      keys: ['f'], shown: 'F', what: 'compare all panels of this picture with the reference of the other',
      run: () => actions.crossing.toggle(),
    },
    { keys: ['['], shown: '[', what: 'the layer before', run: () => actions.stepLayer(-1) },
    { keys: [']'], shown: ']', what: 'the layer behind', run: () => actions.stepLayer(1) },
    { keys: ['?'], shown: '?', what: 'this sheet', run: help },
  ];
}
