// Sizes of pictures -> places: rows of one height that fill the width, as on a contact sheet. Pure, and the same for any count.

const USUAL_RATIO = 1.5;
const NARROWEST = 0.4;
const WIDEST = 3.2;

/** Width over height, within what a row can show. */
export function ratioOf(hit) {
  const ratio = hit.width && hit.height ? hit.width / hit.height : USUAL_RATIO;
  return Math.min(Math.max(ratio, NARROWEST), WIDEST);
}

/**
 * Lay out ratios. `split`: from this index on a new row begins below a heading of `heading` pixels.
 * Returns places [{left, top, width, height, row}], rows [{top, height, first, last}], the total height, and the heading's top.
 */
export function justified(ratios, { width, target, gap, split = -1, heading = 0 }) {
  const places = new Array(ratios.length);
  const rows = [];
  let top = 0;
  let first = 0;
  let sum = 0;
  let headingTop = null;
  const place = (last, height) => {
    let left = 0;
    for (let at = first; at <= last; at += 1) {
      const wide = at === last && sum * target >= width * 0.6 ? width - left : ratios[at] * height;
      places[at] = { left, top, width: Math.max(1, Math.min(wide, width - left)), height, row: rows.length };
      left += wide + gap;
    }
    rows.push({ top, height, first, last });
    top += height + gap;
    first = last + 1;
    sum = 0;
  };
  for (let at = 0; at < ratios.length; at += 1) {
    if (at === split && at > 0) {
      if (first < at) place(at - 1, Math.min(target, fitting(sum, at - first, width, gap)));
      headingTop = top;
      top += heading;
    }
    sum += ratios[at];
    const height = fitting(sum, at - first + 1, width, gap);
    if (height <= target) place(at, height);
  }
  if (first < ratios.length) place(ratios.length - 1, Math.min(target, fitting(sum, ratios.length - first, width, gap)));
  return { places, rows, height: Math.max(0, top - gap), headingTop };
}

const fitting = (sum, count, width, gap) => (width - gap * (count - 1)) / sum;

/** The rows that touch [from, to), by bisection: [first, last], or null where there are none. */
export function rowsBetween(rows, from, to) {
  if (!rows.length) return null;
  const lower = bisect(rows, (row) => row.top + row.height > from);
  const upper = bisect(rows, (row) => row.top >= to) - 1;
  return lower > upper ? null : [lower, upper];
}

function bisect(rows, isAfter) {
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isAfter(rows[middle])) high = middle;
    else low = middle + 1;
  }
  return low;
}
