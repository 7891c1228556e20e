// Colours are "#rrggbb".
const part = (colour, at) => parseInt(colour.slice(at, at + 2), 16);

export function mix(from, to, share) {
  return `#${[1, 3, 5].map((at) => Math.round(part(from, at) + (part(to, at) - part(from, at)) * share)
    .toString(16).padStart(2, '0')).join('')}`;
}

/** The colour of text that can be read on it. */
export function textOn(colour) {
  const [r, g, b] = [1, 3, 5].map((at) => part(colour, at));
  return 0.299 * r + 0.587 * g + 0.114 * b > 140 ? '#111111' : '#ffffff';
}
