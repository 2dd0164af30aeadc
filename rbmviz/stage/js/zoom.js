// A page that is presented is magnified by CSS: a canvas then has more pixels, and a pointer's place
// on the screen is another one in it.

/** Device pixels for each CSS pixel of an element. */
export function pixelRatio(element) {
  return (window.devicePixelRatio || 1) * (element.currentCSSZoom ?? 1);
}

/** Where the pointer is in an element, in the element's own CSS pixels. */
export function pointIn(element, event) {
  const { left, top, width } = element.getBoundingClientRect();
  const magnified = width / element.offsetWidth || 1;
  return [(event.clientX - left) / magnified, (event.clientY - top) / magnified];
}
