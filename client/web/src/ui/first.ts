// What one must know to begin, told once.
import { byId } from './dom.ts';

const KEY = 'farlook.first';

function told(): boolean {
  try {
    return localStorage.getItem(KEY) !== null;
  } catch {
    return false; // storage may be forbidden: then it is told at every visit
  }
}

export class First {
  private readonly card = byId('first');

  constructor() {
    this.card.hidden = told();
    byId('first-close').addEventListener('click', () => this.close());
  }

  // True if there was something to close.
  close(): boolean {
    if (this.card.hidden) return false;
    this.card.hidden = true;
    try {
      localStorage.setItem(KEY, 'told');
    } catch {
      return true;
    }
    return true;
  }
}
