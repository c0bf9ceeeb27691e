// The line at the foot, the words over the picture, and the sentence when something went wrong.
import { bytes } from '../core/format.ts';
import type { Frame } from '../core/protocol.ts';
import type { Link } from './connection.ts';
import { byId, setText } from './dom.ts';

export interface Facts {
  link: Link;
  frame: Frame | null;
  server: { gpu: string; software: boolean } | null;
}

const REMEMBERED = 9; // pictures whose delay is told by their median
const SLOW = 250; // ms between changes of the numbers, so that they can be read

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

export class Status {
  private late: number[] = [];
  private weight: number[] = [];
  private told = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    byId('banner-close').addEventListener('click', () => this.complain(''));
  }

  // A picture came: `late` ms after the pointer (null: it answers no event), of so many bytes.
  measured(late: number | null, size: number): void {
    if (late !== null) this.late = [...this.late, late].slice(-REMEMBERED);
    if (size > 0) this.weight = [...this.weight, size].slice(-REMEMBERED);
    clearTimeout(this.timer);
    const wait = Math.max(0, this.told + SLOW - performance.now());
    this.timer = setTimeout(() => this.numbers(), wait);
  }

  private numbers(): void {
    this.told = performance.now();
    const ms = this.late.length > 0 ? Math.round(median(this.late)) : null;
    setText(byId('late-ms'), ms === null ? '' : `${ms} ms`);
    byId('late').hidden = ms === null;
    const size = this.weight.length > 0 ? bytes(median(this.weight)) : '';
    setText(byId('weight'), size && `${size} a picture`);
  }

  show({ link, frame, server }: Facts): void {
    document.documentElement.dataset['state'] = link.state;
    setText(byId('link-text'), words(link, frame));
    const gpu = byId('gpu');
    setText(gpu, server ? `${server.gpu}${server.software ? ' · in software' : ''}` : '');
    gpu.title = gpu.textContent ?? '';
  }

  // Over the picture; '' takes it away. `busy` turns a ring beside it.
  veil(text: string, busy = false): void {
    const veil = byId('veil');
    veil.hidden = text === '';
    veil.classList.toggle('busy', busy);
    setText(byId('veil-text'), text);
  }

  complain(sentence: string): void {
    byId('banner').hidden = sentence === '';
    setText(byId('banner-text'), sentence);
  }
}

function quality(frame: Frame): string {
  if (frame.enc === 'none') return 'no data here';
  if (frame.exact) return 'exact';
  // A large map is reduced on purpose: to the pixels that the screen has.
  const reduced = frame.w < frame.window[2] - frame.window[0];
  return reduced && frame.enc !== 'jpeg' ? 'as fine as the screen' : 'not yet exact';
}

function words(link: Link, frame: Facts['frame']): string {
  switch (link.state) {
    case 'connecting':
      return 'connecting…';
    case 'connected':
      return frame ? `connected · ${quality(frame)}` : 'connected';
    case 'unstable': {
      const silent = Math.round((performance.now() - link.since) / 1000);
      return `unstable: the server has been silent for ${Math.max(2, silent)} s`;
    }
    case 'reconnecting': {
      const left = Math.ceil((link.at - performance.now()) / 1000);
      return left > 0
        ? `connection lost · trying again in ${left} s`
        : 'connection lost · trying again…';
    }
    case 'ended':
      return link.reason;
  }
}
