// How people see colours: contrast by WCAG 2, and what is left of a colour where one kind of cone is
// missing (Machado, Oliveira and Fernandes 2009, severity 1, on linear RGB). RGB is 0 to 255 here.

const MISSING = {
  none: [1, 0, 0, 0, 1, 0, 0, 0, 1],
  protan: [0.152286, 1.052583, -0.204868, 0.114503, 0.786281, 0.099216, -0.003882, -0.048116, 1.051998],
  deutan: [0.367322, 0.860646, -0.227968, 0.280085, 0.672501, 0.047413, -0.01182, 0.04294, 0.968881],
  tritan: [1.255528, -0.076749, -0.178779, -0.078411, 0.930809, 0.147602, 0.004733, 0.691367, 0.3039],
};
export const EYES = Object.keys(MISSING);

const linear = (v) => (v / 255 <= 0.04045 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4);
const luminanceOf = ([r, g, b]) => 0.2126 * r + 0.7152 * g + 0.0722 * b;

// Linear RGB, 0 to 1, as these eyes see it.
function seen(rgb, eyes) {
  const [r, g, b] = rgb.map(linear), m = MISSING[eyes];
  return [0, 3, 6].map((row) => Math.min(1, Math.max(0, m[row] * r + m[row + 1] * g + m[row + 2] * b)));
}

// 1 to 21.
export function contrast(a, b, eyes = "none") {
  const [x, y] = [a, b].map((rgb) => luminanceOf(seen(rgb.slice(0, 3), eyes)) + 0.05);
  return Math.max(x, y) / Math.min(x, y);
}

// CIELAB under D65: [L*, a*, b*]; a distance of 2 or 3 is just noticed side by side.
export function lab(rgb, eyes = "none") {
  const [r, g, b] = seen(rgb.slice(0, 3), eyes);
  const f = (t) => (t > 216 / 24389 ? Math.cbrt(t) : ((24389 / 27) * t + 16) / 116);
  const x = f((0.4124564 * r + 0.3575761 * g + 0.1804375 * b) / 0.95047);
  const y = f(luminanceOf([r, g, b]));
  const z = f((0.0193339 * r + 0.119192 * g + 0.9503041 * b) / 1.08883);
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}
