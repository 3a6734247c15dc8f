// Zoom and search in flame graphs. Their frames are markup; only widths, texts and classes change here.
(() => {
"use strict";
const WIDTH = 1000;
const LETTER = 6.7;
const BASE_LINE = 13;
// Places and shares are rounded to five decimals, so that two ends which are one may be 2e-5 apart; no frame is narrower than 2e-3.
const END = 2.5e-5;

function flame(figure) {
  const svg = figure.querySelector("svg.flame");
  const frames = [...svg.querySelectorAll("g.frame")].map(element => ({
    element, bar: element.querySelector("rect"), name: element.dataset.name,
    x: Number(element.dataset.x), share: Number(element.dataset.share), self: Number(element.dataset.self), depth: Number(element.dataset.depth),
  }));
  if (!frames.length) return;
  const byDepth = [...frames].sort((a, b) => a.depth - b.depth);
  const root = byDepth[0];
  let focus = root, widest = null;
  const holds = (outer, inner) => outer.depth <= inner.depth && outer.x <= inner.x + END && inner.x + inner.share <= outer.x + outer.share + END;

  function zoom(frame) {
    focus = frame;
    for (const frame of frames) {
      const isInside = holds(focus, frame), isAround = holds(frame, focus);
      frame.element.classList.toggle("outside", !isInside && !isAround);
      if (!isInside && !isAround) continue;
      const x = isInside ? (frame.x - focus.x) / focus.share : 0;
      const width = Math.max(isInside ? frame.share / focus.share : 1, 0.0005);
      frame.bar.setAttribute("x", (WIDTH * x).toFixed(2));
      frame.bar.setAttribute("width", (WIDTH * width).toFixed(2));
      label(frame, WIDTH * x, WIDTH * width);
    }
    reset.disabled = focus === root;
  }

  function label(frame, x, width) {
    let text = frame.element.querySelector("text");
    const room = Math.floor((width - 6) / LETTER);
    if (room < 3) {
      if (text) text.textContent = "";
      return;
    }
    if (!text) {
      text = document.createElementNS("http://www.w3.org/2000/svg", "text");
      text.setAttribute("y", String(Number(frame.bar.getAttribute("y")) + BASE_LINE));
      frame.element.append(text);
    }
    text.setAttribute("x", (x + 3).toFixed(2));
    text.textContent = frame.name.length <= room ? frame.name : `…${frame.name.slice(1 - room)}`;
  }

  function search(words) {
    const wanted = words.trim().toLowerCase();
    let share = 0, hits = 0;
    const covered = [];
    for (const frame of byDepth) {
      const isHit = wanted !== "" && frame.name.toLowerCase().includes(wanted);
      frame.element.classList.toggle("hit", isHit);
      hits += Number(isHit);
      // What lies below another hit is part of it already.
      if (isHit && !covered.some(hit => holds(hit, frame))) { covered.push(frame); share += frame.share; }
    }
    svg.classList.toggle("searching", wanted !== "");
    widest = covered.reduce((widest, frame) => widest && widest.share >= frame.share ? widest : frame, null);
    found.textContent = wanted === "" ? "" : hits === 0 ? "none" : `${hits} frames, ${(100 * share).toFixed(1)} % of the whole`;
  }

  const title = figure.querySelector("figcaption").textContent.trim();
  const field = Object.assign(document.createElement("input"), {type: "search", placeholder: "function", ariaLabel: `Search functions: ${title}`});
  field.addEventListener("input", () => search(field.value));
  field.addEventListener("keydown", event => {
    if (event.key === "Enter" && widest) zoom(widest);
  });
  const found = Object.assign(document.createElement("span"), {className: "count", role: "status"});
  const reset = Object.assign(document.createElement("button"), {type: "button", textContent: "whole", disabled: true});
  reset.addEventListener("click", () => zoom(root));
  const tools = Object.assign(document.createElement("div"), {className: "tools flame-tools"});
  tools.append(field, reset, found);
  figure.querySelector("figcaption").after(tools);
  svg.addEventListener("click", event => {
    const frame = frames.find(frame => frame.element.contains(event.target));
    if (frame) zoom(frame);
  });
}

for (const figure of document.querySelectorAll("figure.flame")) flame(figure);
})();
