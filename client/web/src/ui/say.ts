// Words for a screen reader: the newest, and not more often than can be listened to.
import { byId, setText } from './dom.ts';

const APART = 900; // ms

let newest = '';
let told = -Infinity;
let timer: ReturnType<typeof setTimeout> | undefined;

export function say(text: string): void {
  newest = text;
  if (timer !== undefined) return;
  timer = setTimeout(() => {
    timer = undefined;
    told = performance.now();
    setText(byId('say'), newest);
  }, Math.max(0, told + APART - performance.now()));
}
