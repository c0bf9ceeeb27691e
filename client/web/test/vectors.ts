// The messages that all languages are held to: proto/vectors/*.json.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

declare const PROTO: string;

export interface Vector {
  name: string;
  message: Record<string, unknown>;
  hex: string;
}

export function names(): string[] {
  return readdirSync(join(PROTO, 'vectors')).filter((n) => n.endsWith('.json') && n !== 'malformed.json');
}

export function vectors(name: string): Vector[] {
  const list: unknown = JSON.parse(readFileSync(join(PROTO, 'vectors', name), 'utf8'));
  return list as Vector[];
}

export function malformed(): { why: string; hex: string }[] {
  const text = readFileSync(join(PROTO, 'vectors/malformed.json'), 'utf8');
  return JSON.parse(text) as { why: string; hex: string }[];
}

export function bytes(hex: string): Uint8Array {
  return new Uint8Array(Buffer.from(hex, 'hex'));
}

export function hex(data: Uint8Array): string {
  return Buffer.from(data).toString('hex');
}

// {"$f64": x} is a number that travels as float64, {"$bin": hex} binary data.
export function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  if ('$f64' in value) return (value as { $f64: number }).$f64;
  if ('$f32' in value) return (value as { $f32: number }).$f32;
  if ('$bin' in value) return bytes((value as { $bin: string }).$bin);
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, plain(each)]));
}
