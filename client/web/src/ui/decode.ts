// Encoded pictures -> plain bytes. The browser decodes them off the main thread; every bitmap is
// closed as soon as its pixels were read.
import type { Frame } from '../core/protocol.ts';
import type { Levels } from '../core/strips.ts';
import type { Mask } from '../core/mask.ts';
import { context } from './dom.ts';

// Values as they are in the file: no colour management, no premultiplication.
const PLAIN: ImageBitmapOptions = { colorSpaceConversion: 'none', premultiplyAlpha: 'none' };

const scratch = document.createElement('canvas');
const scratchContext = scratch.getContext('2d', { willReadFrequently: true });

function firstChannel(bitmap: ImageBitmap): Levels {
  const { width: w, height: h } = bitmap;
  if (scratch.width < w) scratch.width = w;
  if (scratch.height < h) scratch.height = h;
  if (!scratchContext) throw new Error('this browser has no 2D canvas');
  scratchContext.globalCompositeOperation = 'copy';
  scratchContext.drawImage(bitmap, 0, 0);
  const rgba = scratchContext.getImageData(0, 0, w, h).data;
  const bytes = new Uint8Array(w * h);
  for (let k = 0; k < bytes.length; k++) bytes[k] = rgba[k * 4] as number;
  return { w, h, bytes };
}

export async function decodeLevels(frame: Frame): Promise<Levels> {
  const blob = new Blob([frame.image as Uint8Array<ArrayBuffer>], { type: `image/${frame.enc}` });
  const bitmap = await createImageBitmap(blob, PLAIN);
  try {
    return firstChannel(bitmap);
  } finally {
    bitmap.close();
  }
}

async function fetchBlob(url: string): Promise<Blob> {
  const response = await fetch(url, { credentials: 'same-origin' });
  if (!response.ok) throw new Error(`${response.status} ${response.statusText}`);
  return response.blob();
}

export async function fetchMask(url: string): Promise<Mask> {
  const bitmap = await createImageBitmap(await fetchBlob(url), PLAIN);
  try {
    const { w, h, bytes } = firstChannel(bitmap);
    return { w, h, valid: bytes };
  } finally {
    bitmap.close();
  }
}

// A photograph may carry a colour profile: that one is honoured.
export async function fetchPicture(url: string): Promise<HTMLCanvasElement> {
  const bitmap = await createImageBitmap(await fetchBlob(url));
  try {
    const canvas = document.createElement('canvas');
    canvas.width = bitmap.width;
    canvas.height = bitmap.height;
    context(canvas).drawImage(bitmap, 0, 0);
    return canvas;
  } finally {
    bitmap.close();
  }
}
