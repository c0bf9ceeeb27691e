import assert from 'node:assert/strict';
import test from 'node:test';
import { curlLine, exportOf, sizeOf, type Present } from '../src/core/exports.ts';
import type { MapInfo, SceneInfo } from '../src/core/protocol.ts';
import { defaults, type ViewState } from '../src/core/state.ts';

const map = { name: 'conv 4/x', w: 27, h: 40, d: 1024, extent: [0, 0, 432, 640] } as unknown as MapInfo;
const scene: SceneInfo = { name: 'hydrant ä', picture: [427, 640], rev: 1, maps: [map] };

function present(more: Partial<ViewState> = {}, rest: Partial<Present> = {}): Present {
  return { state: { ...defaults(), ref: [304.5, 340.25], ...more }, scene, map, stretch: null, ...rest };
}

const BASE = 'api/v1/scenes/hydrant%20%C3%A4/maps/conv%204%2Fx';

test('the picture at its own size has every parameter of the view', () => {
  const { url, name } = exportOf('picture', present({ stretch: ['percentile', 2, 98] }), true);
  assert.equal(
    url,
    `${BASE}/frame.png?ref=304.5,340.25&mode=similarity&metric=angular&origin=zero` +
      '&stretch=percentile,2,98&colormap=viridis&opacity=0.1&picture=grey&colorbar=1&download=1',
  );
  assert.equal(name, 'hydrant_ä-conv_4_x-angular.png');
});

test('on the map’s grid every pixel is a cell, without the picture under it', () => {
  const { url, name } = exportOf('grid', present());
  assert.match(url, /&opacity=1&picture=none&size=27,40&download=1$/);
  assert.equal(name, 'hydrant_ä-conv_4_x-angular-grid.png');
  assert.deepEqual(sizeOf('grid', present()), [27, 40]);
  assert.deepEqual(sizeOf('picture', present()), [427, 640]);
  assert.deepEqual(sizeOf('picture', present({}, { scene: { ...scene, picture: null } })), [27, 40]);
});

test('raw numbers and parameters name what is computed; a channel needs no metric', () => {
  const raw = exportOf('raw', present({ mode: 'channel', channel: 412, colormap: 'fire' }));
  assert.equal(
    raw.url,
    `${BASE}/frame.npy?ref=304.5,340.25&mode=channel&channel=412&stretch=around&download=1`,
  );
  assert.equal(raw.name, 'hydrant_ä-conv_4_x-channel412.npy');
  assert.match(exportOf('parameters', present()).url, /\/frame\.json\?.*colormap=viridis.*download=1$/);
});

test('the vector is the reference’s, in three formats', () => {
  for (const ext of ['npy', 'csv', 'json'] as const) {
    const { url, name } = exportOf(`vector.${ext}`, present());
    assert.equal(url, `${BASE}/vector.${ext}?ref=304.5,340.25&download=1`);
    assert.equal(name, `hydrant_ä-conv_4_x-vector.${ext}`);
  }
  assert.equal(exportOf('vector.npy', present({ ref: null })).url, `${BASE}/vector.npy?download=1`);
  const cross = { ...present(), refs: 'ref=7.5,8.5&from=other%2Fconv' };
  assert.equal(
    exportOf('vector.npy', cross).url,
    `${BASE}/vector.npy?ref=7.5,8.5&from=other%2Fconv&download=1`,
    'that of the other picture',
  );
  const many = { ...present(), refs: 'refs=1,2,1,3,4,1' };
  assert.equal(exportOf('vector.npy', many).url, `${BASE}/vector.npy?ref=304.5,340.25&download=1`);
});

test('numbers that the page decided take the place of the stretch', () => {
  const { url } = exportOf('picture', present({}, { stretch: ['fixed', -2.5, 2.5] }));
  assert.match(url, /stretch=fixed,-2\.5,2\.5&/);
});

test('several references go along as they are', () => {
  const { url } = exportOf('raw', present({}, { refs: 'refs=10,10,1,20,20,-1' }));
  assert.match(url, /\?refs=10,10,1,20,20,-1&mode=/);
});

test('a scene without a picture has its colours alone', () => {
  const { url } = exportOf('picture', present({}, { scene: { ...scene, picture: null } }));
  assert.match(url, /&opacity=1&picture=none&/);
});

test('a curl line is one that a shell takes', () => {
  const odd = present({}, { scene: { ...scene, name: "it's" }, map: { ...map, name: 'm' } });
  const line = curlLine(odd, (url) => `http://127.0.0.1:8765/${url}`);
  assert.equal(
    line,
    "curl -fo 'it_s-m-angular.png' 'http://127.0.0.1:8765/api/v1/scenes/it'\\''s/maps/m/frame.png" +
      '?ref=304.5,340.25&mode=similarity&metric=angular&origin=zero&stretch=around' +
      "&colormap=viridis&opacity=0.1&picture=grey'",
  );
});
