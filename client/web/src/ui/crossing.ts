// The reference of another picture: a panel, or all panels of a picture, show what is similar to it.
import { cross, crossAll, release, unevenWords } from '../core/panels.ts';
import type { Page } from './page.ts';
import type { Panel } from './panel.ts';
import { say } from './say.ts';
import { ALL } from './screen.ts';

export class Crossing {
  constructor(private readonly pageOf: () => Page) {}

  private get page(): Page {
    return this.pageOf();
  }

  one(panel: Panel): void {
    cross(this.page.views, this.page.list.indexOf(panel));
    this.crossed(panel);
  }

  // All panels of the active one's picture; where others wait for its reference, these go back.
  toggle(): void {
    const { page } = this;
    const { active, views } = page;
    page.complain('');
    if (views.list.every(({ scene }) => scene === active.state.scene)) {
      page.complain('There is no other picture to compare with: show one beside with “+”.');
    } else if (release(views.list, active.state.scene)) this.crossed(active);
    else this.all(active);
  }

  // Every panel of this one's picture.
  all(panel: Panel): void {
    const { page } = this;
    const { views, list } = page;
    const lengthOf = (scene: string, layer: string): number | null => page.find(scene, layer)?.d ?? null;
    const uneven = crossAll(views, list.indexOf(panel), lengthOf);
    this.crossed(panel);
    page.complain(unevenWords(uneven));
  }

  private crossed(panel: Panel): void {
    const { page } = this;
    for (const each of page.list) {
      if (each.state.from === '' || each.state.scene === panel.state.scene) each.release();
    }
    page.activate(panel);
    page.change({}, ALL, undefined, panel);
    const { length } = page.list.filter(({ state }) => state.from !== '');
    say(`${length} of ${page.list.length} panels show another picture’s reference`);
  }
}
