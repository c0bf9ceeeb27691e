// Where the panels lie: rows and columns of equal cells, so that the pictures get most of the stage.
import type { Size } from './geometry.ts';
import type { Rect } from './protocol.ts';

export interface Space {
  gap: number; // between two cells, CSS pixels
  head: number; // of a cell's height that is no picture
}

export interface Layout {
  columns: number;
  rows: number;
  cells: Rect[]; // one a panel, CSS pixels of the stage
}

function pictures(shapes: readonly Size[], cell: Size): number {
  let area = 0;
  for (const { w, h } of shapes) {
    const scale = Math.max(0, Math.min(cell.w / w, cell.h / h));
    area += w * scale * h * scale;
  }
  return area;
}

// `shapes`: the sizes of the pictures, of which only w : h counts. Of equally good ones that with
// fewer rows. An incomplete last row stands in the middle. `group`: so many in turn belong together, and
// a row has whole groups, or a group whole rows.
export function arrange(
  shapes: readonly Size[], stage: Size, { gap, head }: Space, group = 1,
): Layout {
  const n = Math.max(1, shapes.length);
  const cellOf = (columns: number, rows: number): Size => ({
    w: Math.max(1, (stage.w - (columns - 1) * gap) / columns),
    h: Math.max(1, (stage.h - (rows - 1) * gap) / rows),
  });
  let best = { columns: n, rows: 1, area: -1 };
  for (let rows = 1; rows <= n; rows++) {
    const columns = Math.ceil(n / rows);
    if ((rows - 1) * columns >= n) continue; // a row would be empty
    if (columns % group !== 0 && group % columns !== 0) continue;
    const { w, h } = cellOf(columns, rows);
    const area = pictures(shapes, { w, h: h - head });
    if (area > best.area * 1.0001) best = { columns, rows, area };
  }
  const { columns, rows } = best;
  const { w, h } = cellOf(columns, rows);
  const cells = Array.from({ length: n }, (_, k): Rect => {
    const row = Math.floor(k / columns);
    const inRow = row === rows - 1 ? n - row * columns : columns;
    const left = ((columns - inRow) * (w + gap)) / 2 + (k % columns) * (w + gap);
    const top = row * (h + gap);
    return [left, top, left + w, top + h].map(Math.round) as unknown as Rect;
  });
  return { columns, rows, cells };
}

// How many neighbours belong together, by a name for each: 1 unless all groups are of one size.
export function groupOf(names: readonly string[]): number {
  const next = names.findIndex((name) => name !== names[0]);
  const even = next > 0 && names.length % next === 0 &&
    names.every((name, k) => name === names[k - (k % next)]);
  return even ? next : 1;
}
