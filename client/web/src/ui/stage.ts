// The panels on the stage: where each lies, and how it stands among the others.
import { arrange, groupOf } from '../core/layout.ts';
import { worldOf } from '../core/model.ts';
import { partner, sceneOf, type Views } from '../core/panels.ts';
import type { Panel } from './panel.ts';

const SPACE = { gap: 14, head: 32 }; // `head`: the caption, see .several .stage in style.css
const ALONE = { gap: 0, head: 0 };

// Rows and columns for the panels that there are.
export function layOut(stage: HTMLElement, list: readonly Panel[]): void {
  const several = list.length > 1;
  stage.classList.toggle('several', several);
  const size = { w: stage.clientWidth, h: stage.clientHeight };
  const shapes = list.map(({ model }) => {
    const [x0, y0, x1, y1] = model.scene ? worldOf(model.scene) : [0, 0, 1, 1];
    return { w: x1 - x0, h: y1 - y0 };
  });
  const group = groupOf(list.map(({ state }) => state.scene)); // rows of scenes, columns of layers
  const { cells } = arrange(shapes, size, several ? SPACE : ALONE, group);
  list.forEach((panel, k) => {
    const [x0 = 0, y0 = 0, x1 = 0, y1 = 0] = cells[k] ?? [];
    const { style } = panel.parts.element;
    style.transform = `translate(${x0}px, ${y0}px)`;
    style.width = `${x1 - x0}px`;
    style.height = `${y1 - y0}px`;
  });
}

export function markPanels(panels: readonly Panel[], { list }: Views, active: Panel): void {
  panels.forEach((panel, k) => {
    const { parts, state } = panel;
    const mates = list.filter(({ scene }) => scene === state.scene);
    parts.element.classList.toggle('active', panel === active);
    parts.among = {
      number: k + 1,
      several: list.length > 1,
      scenes: list.some((each) => each.scene !== state.scene),
      mates: mates.length,
      leads: mates.length > 1 && mates[0] === state,
      crossed: mates.filter(({ from }) => from !== '').length,
      partner: sceneOf(state.from) || (partner(list, k)?.scene ?? ''),
    };
  });
}
