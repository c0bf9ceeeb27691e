// The messages of proto/README.md. Pure: no DOM, no sockets; held to proto/vectors by test/.
import { decode, encode } from '@msgpack/msgpack';

export const SUBPROTOCOL = 'farlook.v1';

export type Point = readonly [number, number];
export type Rect = readonly [number, number, number, number];
export type Ref = readonly [number, number, 1 | -1]; // a place and its sign

export const MODES = ['similarity', 'channel', 'norm'] as const;
export const METRICS = [
  'angular', 'cosine', 'angle', 'dot', 'l2', 'l1', 'lhalf', 'pearson', 'msam',
] as const;
export const ORIGINS = ['zero', 'min'] as const;
export const PICTURES = ['grey', 'colour', 'none'] as const;
export type Mode = (typeof MODES)[number];
export type Metric = (typeof METRICS)[number];
export type Origin = (typeof ORIGINS)[number];
export type Picture = (typeof PICTURES)[number];
export type Stretch =
  | readonly ['minmax']
  | readonly ['around']
  | readonly ['percentile', number, number]
  | readonly ['fixed', number, number];

// The numbers of these run the other way: small is near, so the levels of a frame are inverted.
export const DISTANCES: readonly Metric[] = ['angle', 'l2', 'l1', 'lhalf'];

export interface SetFields {
  ref?: Point | null; // of ref, refs and region a message has one
  refs?: readonly Ref[];
  region?: Rect;
  from?: string; // "scene/layer" of the reference; '': the view's own map
  mode?: Mode;
  channel?: number;
  metric?: Metric;
  origin?: Origin;
  stretch?: Stretch;
  window?: Rect | null;
  size?: Point | null;
  kind?: 'scalar' | 'colour';
  vector?: boolean;
}

export type ToServer =
  | { t: 'hello'; v: 1; resume?: string }
  | { t: 'open'; view: number; map: string }
  | ({ t: 'set'; view: number; seq: number } & SetFields)
  | { t: 'probe'; view: number; seq: number; at: Point; from?: Point }
  | { t: 'ack'; frame: number; us: number }
  | { t: 'close'; view: number }
  | { t: 'pause' }
  | { t: 'resume' };

// What the channels stand for: d values, in a unit that is "" where the file does not say it.
export interface ChannelAxis {
  unit: string;
  values: Float32Array;
}

export interface MapInfo {
  name: string;
  w: number;
  h: number;
  d: number;
  extent: Rect;
  min: number | null; // null until the map was loaded once, likewise max and invalid
  max: number | null;
  invalid: number | null;
  dtype: string;
  bytes: number;
  rev: number;
  axis?: ChannelAxis; // `opened` alone tells it
}

export interface SceneInfo {
  name: string;
  picture: Point | null;
  rev: number; // rises when the picture is replaced
  maps: MapInfo[];
}

export interface Welcome {
  t: 'welcome';
  id: string;
  role: string;
  server: { version: string; gpu: string; software: boolean };
  limits: { upload: number }; // most bytes that may be uploaded; 0: nothing may be
  scenes: SceneInfo[];
}

// Rows y0 to y1 - 1 of an exact still; `last`: with them it is complete.
export interface Rows {
  y0: number;
  y1: number;
  last: boolean;
}

export interface Frame {
  t: 'frame';
  view: number;
  frame: number;
  seq: number;
  kind: 'scalar' | 'colour';
  enc: 'png' | 'jpeg' | 'none' | 'same';
  w: number;
  h: number;
  window: Rect;
  rows: Rows | null; // the image is a strip of the whole picture
  cell: Point | null;
  lo: number | null;
  hi: number | null;
  range: Point | null;
  exact: boolean;
  hist: Uint32Array | null;
  best: Point | null;
  vector: Float32Array | null;
  us: { wait: number; render: number; read: number; encode: number };
  image: Uint8Array;
}

export interface Probed {
  t: 'probed';
  view: number;
  seq: number;
  cell: Point | null;
  s: number | null;
  cosine: number | null;
  angle: number | null;
  norm: number | null;
  vector: Float32Array;
}

// How much of a map that a view waits for is loaded; 0 to 1.
export interface Loading {
  t: 'loading';
  view: number;
  map: string; // "scene/layer": the view's own, or its reference's
  done: number;
}

export type FromServer =
  | Welcome
  | { t: 'scenes'; scenes: SceneInfo[] }
  | { t: 'opened'; view: number; map: MapInfo }
  | Loading
  | Frame
  | Probed
  | { t: 'error'; code: number; message: string; view: number | null; seq: number | null }
  | { t: 'bye'; reason: string; retry: boolean };

export function toBytes(message: ToServer): Uint8Array {
  return encode(message, { ignoreUndefined: true });
}

// One whole message. Throws an Error whose text names what is wrong with it; null for a type that
// this page does not know, which it may skip.
export function fromBytes(bytes: Uint8Array): FromServer | null {
  const m = fields(decode(bytes), 'message');
  switch (m['t']) {
    case 'welcome':
      return welcome(m);
    case 'scenes':
      return { t: 'scenes', scenes: scenes(m['scenes']) };
    case 'opened':
      return { t: 'opened', view: count(m, 'view'), map: mapInfo(m['map']) };
    case 'loading':
      return loading(m);
    case 'frame':
      return frame(m);
    case 'probed':
      return probed(m);
    case 'error':
      return {
        t: 'error',
        code: count(m, 'code'),
        message: text(m, 'message'),
        view: m['view'] == null ? null : count(m, 'view'),
        seq: m['seq'] == null ? null : count(m, 'seq'),
      };
    case 'bye':
      return { t: 'bye', reason: text(m, 'reason'), retry: flag(m, 'retry') };
    default:
      text(m, 't');
      return null;
  }
}

type Fields = Record<string, unknown>;

function bad(what: string): never {
  throw new Error(`not a message of ${SUBPROTOCOL}: ${what}`);
}

function fields(value: unknown, what: string): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) bad(what);
  if (value instanceof Uint8Array) bad(what);
  return value as Fields;
}

function text(m: Fields, key: string): string {
  const value = m[key];
  return typeof value === 'string' ? value : bad(key);
}

function flag(m: Fields, key: string): boolean {
  const value = m[key];
  return typeof value === 'boolean' ? value : bad(key);
}

function count(m: Fields, key: string): number {
  const value = m[key];
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 ? value : bad(key);
}

function numberOrNull(m: Fields, key: string): number | null {
  const value = m[key];
  if (value == null) return null;
  return typeof value === 'number' && Number.isFinite(value) ? value : bad(key);
}

function bytesOf(m: Fields, key: string): Uint8Array {
  const value = m[key];
  return value instanceof Uint8Array ? value : bad(key);
}

function oneOf<T extends string>(m: Fields, key: string, names: readonly T[]): T {
  const value = m[key];
  return names.includes(value as T) ? (value as T) : bad(key);
}

function numbers(value: unknown, length: number, key: string): number[] {
  if (!Array.isArray(value) || value.length !== length) bad(key);
  for (const v of value) if (typeof v !== 'number' || !Number.isFinite(v)) bad(key);
  return value as number[];
}

function point(m: Fields, key: string): Point | null {
  return m[key] == null ? null : (numbers(m[key], 2, key) as unknown as Point);
}

function rect(m: Fields, key: string): Rect {
  return numbers(m[key], 4, key) as unknown as Rect;
}

// The bytes lie anywhere in the message: typed arrays want them aligned, hence the copy. Every
// machine that runs a browser is little-endian, as the wire is.
function floats(bytes: Uint8Array, key: string): Float32Array {
  if (bytes.length % 4 !== 0) bad(key);
  return new Float32Array(bytes.slice().buffer);
}

function axis(value: unknown, d: number): ChannelAxis {
  const m = fields(value, 'axis');
  const values = floats(bytesOf(m, 'values'), 'axis');
  if (values.length !== d) bad('axis');
  return { unit: text(m, 'unit'), values };
}

function mapInfo(value: unknown): MapInfo {
  const m = fields(value, 'map');
  const info: MapInfo = {
    name: text(m, 'name'),
    w: count(m, 'w'),
    h: count(m, 'h'),
    d: count(m, 'd'),
    extent: rect(m, 'extent'),
    min: numberOrNull(m, 'min'),
    max: numberOrNull(m, 'max'),
    invalid: numberOrNull(m, 'invalid'),
    dtype: text(m, 'dtype'),
    bytes: count(m, 'bytes'),
    rev: count(m, 'rev'),
    ...(m['axis'] == null ? {} : { axis: axis(m['axis'], count(m, 'd')) }),
  };
  const [x0, y0, x1, y1] = info.extent;
  if (info.w < 1 || info.h < 1 || info.d < 1 || x1 <= x0 || y1 <= y0) bad('map');
  return info;
}

function scenes(value: unknown): SceneInfo[] {
  if (!Array.isArray(value)) bad('scenes');
  return value.map((each) => {
    const m = fields(each, 'scene');
    if (!Array.isArray(m['maps'])) bad('maps');
    const rev = count(m, 'rev');
    return { name: text(m, 'name'), picture: point(m, 'picture'), rev, maps: m['maps'].map(mapInfo) };
  });
}

function welcome(m: Fields): Welcome {
  if (m['v'] !== 1) bad('v');
  const limits = m['limits'] == null ? {} : fields(m['limits'], 'limits');
  const server = fields(m['server'], 'server');
  return {
    t: 'welcome',
    id: text(m, 'id'),
    role: text(m, 'role'),
    server: {
      version: text(server, 'version'),
      gpu: text(server, 'gpu'),
      software: flag(server, 'software'),
    },
    limits: { upload: limits['upload'] == null ? 0 : count(limits, 'upload') },
    scenes: scenes(m['scenes']),
  };
}

function loading(m: Fields): Loading {
  const done = numberOrNull(m, 'done');
  if (done === null || done < 0 || done > 1) bad('done');
  return { t: 'loading', view: count(m, 'view'), map: text(m, 'map'), done };
}

function rows(m: Fields, enc: Frame['enc']): Rows {
  const list: unknown = m['rows'];
  if (!Array.isArray(list) || list.length !== 3 || enc !== 'png') bad('rows');
  const [y0, y1] = numbers(list.slice(0, 2), 2, 'rows') as [number, number];
  const last: unknown = list[2];
  const fits = Number.isInteger(y0) && Number.isInteger(y1) && y0 >= 0 && y0 < y1;
  if (typeof last !== 'boolean' || !fits || y1 > count(m, 'h')) bad('rows');
  return { y0, y1, last };
}

function frame(m: Fields): Frame {
  const us = fields(m['us'], 'us');
  const enc = oneOf(m, 'enc', ['png', 'jpeg', 'none', 'same']);
  const image = bytesOf(m, 'image');
  if ((enc === 'png' || enc === 'jpeg') && image.length === 0) bad('image');
  const hist = m['hist'] == null ? null : bytesOf(m, 'hist');
  if (hist && hist.length !== 256) bad('hist');
  return {
    t: 'frame',
    view: count(m, 'view'),
    frame: count(m, 'frame'),
    seq: count(m, 'seq'),
    kind: oneOf(m, 'kind', ['scalar', 'colour']),
    enc,
    w: count(m, 'w'),
    h: count(m, 'h'),
    window: rect(m, 'window'),
    rows: m['rows'] == null ? null : rows(m, enc),
    cell: point(m, 'cell'),
    lo: numberOrNull(m, 'lo'),
    hi: numberOrNull(m, 'hi'),
    range: point(m, 'range'),
    exact: flag(m, 'exact'),
    hist: hist ? new Uint32Array(hist.slice().buffer) : null,
    best: point(m, 'best'),
    vector: m['vector'] == null ? null : floats(bytesOf(m, 'vector'), 'vector'),
    us: {
      wait: count(us, 'wait'),
      render: count(us, 'render'),
      read: count(us, 'read'),
      encode: count(us, 'encode'),
    },
    image,
  };
}

function probed(m: Fields): Probed {
  return {
    t: 'probed',
    view: count(m, 'view'),
    seq: count(m, 'seq'),
    cell: point(m, 'cell'),
    s: numberOrNull(m, 's'),
    cosine: numberOrNull(m, 'cosine'),
    angle: numberOrNull(m, 'angle'),
    norm: numberOrNull(m, 'norm'),
    vector: floats(bytesOf(m, 'vector'), 'vector'),
  };
}
