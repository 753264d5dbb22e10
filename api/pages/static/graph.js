// The provenance graph: arrow keys go from node to node, the buttons and Ctrl with the wheel change its scale, and what is
// looked at is brought into view. Looking at another node is a link (pages.js brings it).

let scale = 1;
const frame = () => document.querySelector(".graph-frame");
const drawing = () => document.getElementById("drawing");

function zoom(to) {
  const svg = drawing();
  if (!svg) return;
  const { width, height } = svg.viewBox.baseVal;
  scale = Math.min(4, Math.max(0.15, to === "fit" ? Math.min(1, frame().clientWidth / width) : to));
  svg.setAttribute("width", width * scale);
  svg.setAttribute("height", height * scale);
}

function bringIntoView() {
  const node = drawing()?.querySelector(".focused");
  if (!node) return;
  const [box, at] = [frame().getBoundingClientRect(), node.getBoundingClientRect()];
  const isSeen = at.left >= box.left && at.right <= box.right && at.top >= box.top && at.bottom <= box.bottom;
  if (!isSeen) frame().scrollBy(at.left - box.left - box.width / 3, at.top - box.top - box.height / 3);
}

/** The node that lies nearest to where the arrow points: in the same column up and down, in the next one across. */
function neighbour(node, key) {
  const column = Number(node.dataset.column);
  const across = { ArrowLeft: -1, ArrowRight: 1 }[key] ?? 0;
  const down = { ArrowUp: -1, ArrowDown: 1 }[key] ?? 0;
  const middle = (one) => one.getBoundingClientRect().top + one.getBoundingClientRect().height / 2;
  const nodes = [...drawing().querySelectorAll(`[data-column="${column + across}"]`)].filter((one) => one !== node);
  const ahead = down ? nodes.filter((one) => (middle(one) - middle(node)) * down > 0) : nodes;
  return ahead.sort((a, b) => Math.abs(middle(a) - middle(node)) - Math.abs(middle(b) - middle(node)))[0];
}

document.addEventListener("keydown", (event) => {
  const node = event.target.closest?.("#drawing .node");
  if (!node || !event.key.startsWith("Arrow")) return;
  event.preventDefault();
  neighbour(node, event.key)?.focus();
});

document.addEventListener("click", (event) => {
  const { zoom: by } = event.target.closest("[data-zoom]")?.dataset ?? {};
  if (by) zoom(by === "fit" ? by : scale * Number(by));
});

document.addEventListener(
  "wheel",
  (event) => {
    if (!event.ctrlKey || !event.target.closest?.(".graph-frame")) return;
    event.preventDefault();
    zoom(scale * (event.deltaY < 0 ? 1.1 : 0.9));
  },
  { passive: false },
);

document.addEventListener("tally:swapped", () => {
  zoom(scale);
  bringIntoView();
});

document.querySelector(".zoom").hidden = false;
bringIntoView();
