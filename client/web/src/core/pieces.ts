// A file to the server in pieces: PUT with Content-Range, at most 8 MiB each. A piece that was lost is
// sent again; where the server has more or less than this side thinks, it says so (416) and is
// believed. Pure but for what it is given: tests use a fake `put` and a fake clock.

export const PIECE = 8 * 1024 * 1024;
const TRIES = 8; // in a row without a byte getting through: some two minutes
const FATAL = [400, 401, 403, 404, 405, 409, 410, 411, 413, 415, 422, 501, 507];

export interface Answer {
  status: number;
  body: unknown; // parsed JSON, or null
}

export interface Source<Piece> {
  readonly size: number;
  slice(from: number, to: number): Piece;
}

export interface Sending<Piece> {
  // Rejects where the connection is lost; `progress`: bytes of this piece that are on their way.
  put(piece: Piece, range: string, progress: (sent: number) => void): Promise<Answer>;
  progress(sent: number, total: number): void;
  waiting(seconds: number, why: string): void; // until the next try
  sleep(ms: number): Promise<void>; // ends early when it is cancelled
  cancelled(): boolean;
}

export type Outcome =
  | { done: true; body: unknown }
  | { done: false; cancelled: boolean; why: string }; // one sentence

interface Message {
  code?: unknown;
  message?: unknown;
  received?: unknown;
  next?: unknown;
}

// "bytes 0-8388607/30000000"; an empty file has "bytes */0".
export function contentRange(from: number, to: number, total: number): string {
  return total === 0 ? 'bytes */0' : `bytes ${from}-${to - 1}/${total}`;
}

// The byte that the server wants next, or null where it does not say.
export function wanted(answer: Answer): number | null {
  const { received, next } = (answer.body ?? {}) as Message;
  for (const value of [next, received]) {
    if (typeof value === 'number' && Number.isInteger(value) && value >= 0) return value;
  }
  return null;
}

export function sentence(answer: Answer): string {
  const { message } = (answer.body ?? {}) as Message;
  if (typeof message === 'string' && message !== '') return message;
  return `The server refused the file (HTTP ${answer.status}); ask whoever runs it.`;
}

export function pauseOf(failures: number): number {
  return Math.min(30000, 500 * 2 ** failures);
}

class Upload<Piece> {
  private at = 0;
  private failures = 0;

  constructor(
    private readonly file: Source<Piece>,
    private readonly io: Sending<Piece>,
  ) {}

  async run(): Promise<Outcome> {
    for (;;) {
      if (this.io.cancelled()) return stopped;
      const to = Math.min(this.file.size, this.at + PIECE);
      const outcome = await this.piece(this.at, to);
      if (outcome) return outcome;
    }
  }

  // Null: go on, at this.at.
  private async piece(from: number, to: number): Promise<Outcome | null> {
    const { file, io } = this;
    let answer: Answer;
    io.progress(from, file.size);
    try {
      const range = contentRange(from, to, file.size);
      answer = await io.put(file.slice(from, to), range, (sent) => {
        io.progress(Math.min(to, from + sent), file.size);
      });
    } catch {
      return io.cancelled() ? stopped : this.again('The connection is lost');
    }
    const { status } = answer;
    if (status === 200 || status === 201) {
      io.progress(file.size, file.size);
      return { done: true, body: answer.body };
    }
    if (status === 202) return this.received(answer, to);
    if (status === 416) return this.elsewhere(answer);
    if (FATAL.includes(status)) return { done: false, cancelled: false, why: sentence(answer) };
    return this.again(status === 429 || status === 503 ? 'The server is busy' : 'The server failed');
  }

  private async received(answer: Answer, to: number): Promise<Outcome | null> {
    const next = wanted(answer) ?? to;
    if (next >= this.file.size) {
      return failed('The server took the whole file and did not finish it; upload it again.');
    }
    if (next > this.at) this.failures = 0;
    else return this.elsewhere(answer);
    this.at = next;
    return null;
  }

  private async elsewhere(answer: Answer): Promise<Outcome | null> {
    const next = wanted(answer);
    if (next === null || next >= Math.max(1, this.file.size)) return failed(sentence(answer));
    const moved = next !== this.at;
    this.at = next;
    return moved ? this.count() : this.again('The server wants the same piece again');
  }

  // A server that sends us back and forth must not do so for ever.
  private count(): Outcome | null {
    this.failures++;
    if (this.failures <= TRIES) return null;
    return failed('The server asks for other pieces again and again; upload it later.');
  }

  private async again(why: string): Promise<Outcome | null> {
    const failures = this.failures++;
    if (failures >= TRIES) {
      return failed(`${why}, and ${TRIES} more tries did not help; upload it later.`);
    }
    const pause = pauseOf(failures);
    this.io.waiting(Math.round(pause / 1000), why);
    await this.io.sleep(pause);
    return this.io.cancelled() ? stopped : null;
  }
}

const stopped: Outcome = { done: false, cancelled: true, why: 'The upload was cancelled.' };

function failed(why: string): Outcome {
  return { done: false, cancelled: false, why };
}

export function upload<Piece>(file: Source<Piece>, io: Sending<Piece>): Promise<Outcome> {
  return new Upload(file, io).run();
}

// --- what a file is, by its name ---

const PICTURES = /\.(jpe?g|png)$/i;
const MAPS = /\.(npy|npz|safetensors|zip)$/i;
const ENVI = /\.(hdr|img|dat|raw|bsq|bil|bip)$/i;
const LONGEST = 120; // bytes of a name
const TOLD = 4;
const HELPED = /\.(tiff?|h5|hdf5|he5|nc|pt|pth|mat|zarr|parquet)$/i;

export type Sort = 'map' | 'picture';

// What to do with a file, or the sentence that says why nothing.
export function sortOf(name: string): { sort: Sort } | { why: string } {
  if (MAPS.test(name)) return { sort: 'map' };
  if (PICTURES.test(name)) return { sort: 'picture' };
  if (HELPED.test(name)) {
    return { why: `${name} is not read here; open it in Python and send it with farlook.push().` };
  }
  if (ENVI.test(name)) {
    return {
      why: `${name} is one of the two files of an ENVI cube; start the server with its .hdr, ` +
        'or send the cube with farlook.push().',
    };
  }
  const known = '.npy, .npz, .safetensors, IFeaLiD .zip, or a JPEG or PNG picture';
  return { why: `${name} is no feature map that is known here; give a ${known}.` };
}

// A name for a scene or a layer: the file's without its extension, without what a path cannot carry,
// and as long as the server takes it.
export function nameOf(file: string): string {
  const bare = file.replace(MAPS, '').replace(PICTURES, '').replace(/[/\\\0]/g, '_').trim();
  let name = '';
  let size = 0;
  for (const letter of bare) {
    const code = letter.codePointAt(0) ?? 0;
    size += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    if (size > LONGEST) break;
    name += letter;
  }
  return name.trim() || 'map';
}

// Why files were refused, one sentence a line; of many the first ones.
export function listed(refused: readonly string[]): string {
  const more = refused.length - TOLD;
  if (more <= 0) return refused.join('\n');
  return [...refused.slice(0, TOLD), `${more} more of them cannot be taken.`].join('\n');
}
