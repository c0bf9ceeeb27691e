// Uploading from the page: files dropped on it or chosen, asked about in a sheet, sent in pieces with
// progress; what arrived opens by itself.
import { bytes } from '../core/format.ts';
import { listed, nameOf, sortOf, upload, type Answer, type Outcome, type Sort } from '../core/pieces.ts';
import type { SceneInfo } from '../core/protocol.ts';
import { byId, setText } from './dom.ts';

export interface UploadHost {
  scenes(): readonly SceneInfo[];
  open(scene: string, layer: string): void;
}

const LAYOUTS: readonly [string, string][] = [
  ['', 'found out by the picture'],
  ['HWC', 'HWC · rows, columns, channels'],
  ['CHW', 'CHW · channels, rows, columns'],
  ['1HWC', '1HWC'],
  ['1CHW', '1CHW'],
];
const APPEARS = 30000; // ms until what was uploaded must be in the list of scenes

interface One {
  file: File;
  sort: Sort;
}

export class Upload {
  private readonly dialog = byId<HTMLDialogElement>('upload');
  private readonly button = byId<HTMLButtonElement>('upload-open');
  private readonly input = byId<HTMLInputElement>('upload-input');
  private readonly sceneField = byId<HTMLInputElement>('upload-scene');
  private readonly layout = byId<HTMLSelectElement>('upload-layout');
  private readonly bar = byId<HTMLProgressElement>('upload-bar');
  private readonly veil = byId('drop');
  private limit = 0;
  private files: One[] = [];
  private request: XMLHttpRequest | null = null;
  private running = false;
  private stop: (() => void) | null = null; // ends a pause
  private cancelled = false;
  private named = false; // the person wrote the scene's name

  constructor(private readonly host: UploadHost) {
    this.layout.replaceChildren(...LAYOUTS.map(([value, text]) => new Option(text, value)));
    this.button.addEventListener('click', () => this.show());
    byId('upload-narrow').addEventListener('click', () => this.show());
    byId('upload-choose').addEventListener('click', () => this.input.click());
    byId('upload-start').addEventListener('click', () => void this.start());
    byId('upload-cancel').addEventListener('click', () => this.cancel());
    this.input.addEventListener('change', () => this.take([...(this.input.files ?? [])]));
    this.sceneField.addEventListener('input', () => (this.named = this.sceneField.value !== ''));
    this.sceneField.addEventListener('keydown', (event) => {
      if (event.key !== 'Enter') return;
      event.preventDefault();
      void this.start();
    });
    this.dialog.addEventListener('cancel', (event) => this.running && event.preventDefault());
    this.dialog.addEventListener('close', () => this.cancel());
    this.listen();
  }

  get open(): boolean {
    return this.dialog.open;
  }

  // From `welcome`: most bytes of a file; 0 takes the button away.
  allow(limit: number): void {
    this.limit = limit;
    this.button.hidden = byId('upload-narrow').hidden = limit === 0;
  }

  // --- dropping ---

  private listen(): void {
    let depth = 0; // dragenter and dragleave come for every element on the way
    const carries = (event: DragEvent): boolean =>
      this.limit > 0 && !this.running && (event.dataTransfer?.types.includes('Files') ?? false);
    const show = (by: number): void => {
      depth = Math.max(0, depth + by);
      this.veil.hidden = depth === 0;
    };
    addEventListener('dragenter', (event) => carries(event) && show(1));
    addEventListener('dragleave', (event) => carries(event) && show(-1));
    addEventListener('dragover', (event) => {
      if (event.dataTransfer?.types.includes('Files')) event.preventDefault(); // never leave the page
      if (event.dataTransfer) event.dataTransfer.dropEffect = carries(event) ? 'copy' : 'none';
    });
    addEventListener('drop', (event) => {
      event.preventDefault();
      show(-depth);
      if (!carries(event)) return;
      this.show();
      this.take([...(event.dataTransfer?.files ?? [])]);
    });
  }

  // --- the sheet ---

  private show(): void {
    if (this.dialog.open) return;
    this.files = [];
    this.named = false;
    this.sceneField.value = '';
    const formats = 'Feature maps (.npy, .npz, .safetensors, IFeaLiD .zip), a JPEG or PNG picture';
    setText(byId('upload-about'), `${formats}, or both; up to ${bytes(this.limit)} each.`);
    const names = this.host.scenes().map((scene) => new Option(scene.name, scene.name));
    byId('upload-scenes').replaceChildren(...names);
    this.list();
    this.complain('');
    this.mode(false);
    this.dialog.showModal();
    byId('upload-choose').focus();
  }

  private take(files: readonly File[]): void {
    this.input.value = '';
    const refused: string[] = [];
    for (const file of files) {
      const sort = sortOf(file.name);
      if ('why' in sort) refused.push(sort.why);
      else if (file.size > this.limit) refused.push(this.tooBig(file));
      else if (file.size === 0) refused.push(`${file.name} is empty; choose another file.`);
      else this.add({ file, sort: sort.sort });
    }
    this.complain(listed(refused));
    this.list();
    if (this.files.length > 0) byId('upload-start').focus();
  }

  private tooBig({ name, size }: File): string {
    return `${name} has ${bytes(size)}, and this server takes ${bytes(this.limit)} at most; ` +
      'give it a smaller one or ask for more room.';
  }

  private add(one: One): void {
    const others = this.files.filter(({ file, sort }) =>
      file.name !== one.file.name && (one.sort === 'map' || sort === 'map')); // one picture a scene
    this.files = [...others, one];
    const first = this.files.find(({ sort }) => sort === 'map') ?? one;
    if (!this.named) this.sceneField.value = nameOf(first.file.name);
  }

  private list(): void {
    byId('upload-files').replaceChildren(...this.files.map(({ file, sort }) => {
      const item = document.createElement('li');
      const [name, what] = [document.createElement('span'), document.createElement('small')];
      name.textContent = file.name;
      what.textContent = `${sort === 'picture' ? 'picture' : 'feature map'}, ${bytes(file.size)}`;
      item.append(name, what);
      return item;
    }));
    byId<HTMLButtonElement>('upload-start').disabled = this.files.length === 0;
  }

  private complain(sentence: string): void {
    const error = byId('upload-error');
    error.hidden = sentence === '';
    setText(error, sentence);
  }

  private mode(running: boolean): void {
    this.running = running;
    byId('upload-form').hidden = running;
    byId('upload-run').hidden = !running;
  }

  // --- sending ---

  private async start(): Promise<void> {
    const scene = this.sceneField.value.trim();
    if (this.running || this.files.length === 0) return;
    if (scene === '' || scene.includes('/') || scene.startsWith('.')) {
      this.sceneField.focus();
      return this.complain('Give the scene a name that has no slash and no dot in front.');
    }
    this.complain('');
    this.cancelled = false;
    this.mode(true);
    byId('upload-cancel').focus();
    // The picture first: it tells how the arrays of the maps lie.
    const files = [...this.files].sort((a, b) => Number(a.sort === 'map') - Number(b.sort === 'map'));
    let layer = '';
    for (const one of files) {
      const outcome = await this.send(scene, one);
      if (!outcome.done) {
        this.mode(false);
        return this.complain(outcome.why);
      }
      const { map } = (outcome.body ?? {}) as { map?: unknown };
      if (layer === '' && typeof map === 'string') layer = map;
    }
    await this.arrived(scene, layer);
  }

  private send(scene: string, { file, sort }: One): Promise<Outcome> {
    const base = `api/v1/scenes/${encodeURIComponent(scene)}`;
    // The id keeps two people apart who upload the same name at once.
    const id = `id=${Math.random().toString(36).slice(2)}`;
    const layout = this.layout.value === '' ? '' : `&layout=${this.layout.value}`;
    const url = sort === 'picture' ? `${base}/picture?${id}`
      : `${base}/maps/${encodeURIComponent(nameOf(file.name))}?${id}${layout}`;
    return upload(file, {
      put: (piece, range, progress) => this.put(url, piece, range, progress),
      progress: (sent, total) => this.progress(file.name, sent, total),
      waiting: (seconds, why) =>
        this.say(`${why}; trying again${seconds > 1 ? ` in ${seconds} s` : ''}…`),
      sleep: (ms) => this.sleep(ms),
      cancelled: () => this.cancelled,
    });
  }

  private put(
    url: string, piece: Blob, range: string, progress: (sent: number) => void,
  ): Promise<Answer> {
    return new Promise((done, fail) => {
      const request = new XMLHttpRequest();
      this.request = request;
      request.open('PUT', url);
      request.setRequestHeader('Content-Type', 'application/octet-stream');
      request.setRequestHeader('Content-Range', range);
      request.upload.onprogress = (event) => progress(event.loaded);
      request.onload = () => done({ status: request.status, body: parsed(request.responseText) });
      request.onerror = request.onabort = request.ontimeout = () => fail(new Error('lost'));
      request.send(piece);
    });
  }

  private progress(name: string, sent: number, total: number): void {
    this.bar.max = Math.max(1, total);
    this.bar.value = sent;
    this.say(
      sent >= total ? `${name}: the server reads it…` : `${name}: ${bytes(sent)} of ${bytes(total)}`,
    );
  }

  private say(words: string): void {
    setText(byId('upload-words'), words);
  }

  private sleep(ms: number): Promise<void> {
    return new Promise((done) => {
      const timer = setTimeout(done, ms);
      this.stop = () => (clearTimeout(timer), done());
    });
  }

  private cancel(): void {
    if (!this.running) return;
    this.cancelled = true;
    this.request?.abort();
    this.stop?.();
  }

  // The list of scenes comes by itself; the new one opens as soon as it is there.
  private async arrived(name: string, layer: string): Promise<void> {
    const found = (): SceneInfo | undefined => this.host.scenes().find((scene) => scene.name === name);
    const end = performance.now() + APPEARS;
    this.say('Stored; it opens as soon as the server has looked at it…');
    const ready = (): boolean => {
      const maps = found()?.maps ?? [];
      return maps.some((map) => layer === '' || map.name === layer);
    };
    while (!ready() && performance.now() < end && !this.cancelled) await this.sleep(100);
    this.mode(false);
    const scene = found();
    if (!scene) {
      if (this.cancelled) return;
      return this.complain(`${name} is stored, but the server does not show it yet; reload the page.`);
    }
    this.dialog.close();
    this.host.open(name, scene.maps.some((map) => map.name === layer) ? layer : '');
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
