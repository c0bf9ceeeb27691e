// Numbers as people type them, with a comma or a real minus sign too.
import type { Stretch } from './protocol.ts';

export function typedNumber(text: string): number | null {
  const plain = text.trim().replace('\u2212', '-').replace(',', '.').replace(/\s*[%°]$/, '');
  if (plain === '') return null;
  const value = Number(plain);
  return Number.isFinite(value) ? value : null;
}

// A number for a field: six digits, no zeros behind them.
export function shortNumber(value: number): string {
  return String(Number(value.toPrecision(6)));
}

// The stretch that two fields give, or the sentence that says what is wrong with them.
export function typedStretch(
  kind: 'percentile' | 'fixed', low: string, high: string,
): { stretch: Stretch } | { why: string } {
  const [a, b] = [typedNumber(low), typedNumber(high)];
  if (a === null || b === null) return { why: 'Give a number on both sides.' };
  if (kind === 'percentile') {
    if (a < 0 || b > 100 || a >= b) {
      return { why: 'Percentiles lie from 0 to 100, the first one below the second.' };
    }
    return { stretch: ['percentile', a, b] };
  }
  return a <= b ? { stretch: ['fixed', a, b] } : { why: 'lo must not lie above hi.' };
}
