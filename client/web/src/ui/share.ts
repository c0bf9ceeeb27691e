// The link that opens exactly this view.
import { copy } from './copy.ts';
import { byId, setText } from './dom.ts';

export class Share {
  private readonly button = byId<HTMLButtonElement>('share');
  private readonly word = byId('share-word');
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly fragment: () => string,
    private readonly complain: (sentence: string) => void,
  ) {
    this.button.addEventListener('click', () => void this.share());
  }

  // Browsers allow some 100 changes of the address in 30 s: one after things came to rest.
  later(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.now(), 350);
  }

  now(): string {
    clearTimeout(this.timer);
    const url = new URL(location.href);
    url.hash = this.fragment();
    if (url.href !== location.href) history.replaceState(null, '', url.href);
    return url.href;
  }

  private async share(): Promise<void> {
    const done = await copy(this.now());
    setText(this.word, done ? 'Link copied' : 'Not allowed');
    this.button.classList.add('told');
    const words = done ? 'The link to this view is copied.'
      : 'The browser does not let this page copy; copy the address of the page instead.';
    setText(byId('say'), words);
    if (!done) this.complain(words);
    setTimeout(() => {
      setText(this.word, 'Share');
      this.button.classList.remove('told');
    }, 2200);
  }
}
