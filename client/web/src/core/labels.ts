// Where the numbers beside a colour scale stand: none covers another, whatever the values are.

export interface Mark {
  value: number;
  name: string; // 'lo', 'hi' or '' for the axis's ends and ticks
  y: number; // where its value lies, 0 at the top
}

export interface Label extends Mark {
  at: number; // where its text stands
}

// `firm` marks always get a text, moved as little as it takes; of `loose` ones, in order of worth,
// only those whose text stands free where it belongs. Texts stay within 0 .. height.
export function layOut(
  firm: readonly Mark[], loose: readonly Mark[], height: number, apart: number,
): Label[] {
  const placed = spread(firm.filter((mark) => Number.isFinite(mark.y)), height, apart);
  for (const mark of loose) {
    if (!Number.isFinite(mark.y) || mark.y < -0.5 || mark.y > height + 0.5) continue;
    if (placed.every((other) => Math.abs(other.at - mark.y) >= apart)) {
      placed.push({ ...mark, at: mark.y });
    }
  }
  return placed;
}

// From the top down each as near to its place as the ones above leave room for; what then reaches
// below the end is pushed up again. Of two that want the same place hi stands above lo.
function spread(marks: readonly Mark[], height: number, apart: number): Label[] {
  const above = (mark: Mark): number => (mark.name === 'hi' ? 0 : 1);
  const labels = [...marks]
    .sort((a, b) => a.y - b.y || above(a) - above(b))
    .map((mark) => ({ ...mark, at: mark.y }));
  halves(labels, apart);
  let floor = 0;
  for (const label of labels) {
    label.at = Math.max(label.at, floor);
    floor = label.at + apart;
  }
  let ceiling = height;
  for (const label of labels.reverse()) {
    label.at = Math.min(label.at, ceiling);
    ceiling = label.at - apart;
  }
  return labels.reverse();
}

// Two neighbours that stand too close give way by half each.
function halves(labels: Label[], apart: number): void {
  for (let k = 1; k < labels.length; k++) {
    const [a, b] = [labels[k - 1] as Label, labels[k] as Label];
    const missing = apart - (b.at - a.at);
    if (missing <= 0) continue;
    a.at -= missing / 2;
    b.at += missing / 2;
  }
}
