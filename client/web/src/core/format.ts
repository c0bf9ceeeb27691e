// Numbers as people read them: a real minus sign, a fixed number of digits so that nothing jumps.

export function fixed(value: number, digits: number): string {
  const text = value.toFixed(digits);
  const zero = /^-0(\.0+)?$/.test(text);
  return zero ? text.slice(1) : text.replace('-', '\u2212');
}

// About four digits, without an exponent where that stays readable.
export function significant(value: number, digits = 4): string {
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-3 || size >= 1e6)) {
    return value.toExponential(digits - 2).replace('e+', 'e').replaceAll('-', '\u2212');
  }
  const before = size < 1 ? 1 : Math.floor(Math.log10(size)) + 1;
  return fixed(value, Math.max(0, digits - before));
}

export function bytes(count: number): string {
  if (count < 1000) return `${Math.round(count)} B`;
  if (count < 1e6) return `${(count / 1e3).toFixed(1)} kB`;
  if (count < 1e9) return `${(count / 1e6).toFixed(1)} MB`;
  return `${(count / 1e9).toFixed(1)} GB`;
}

// A share of a whole, 0 to 1; all of it only when it is all of it.
export function percent(share: number): string {
  return `${Math.floor(share * 100 + 1e-9)}\u00a0%`;
}

export function counted(n: number, what: string): string {
  return `${n} ${what}${n === 1 ? '' : 's'}`;
}
