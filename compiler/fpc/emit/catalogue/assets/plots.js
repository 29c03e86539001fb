/* Small plots of values and their history. The figures stand in tables beside them; these are for the eye. */
"use strict";
(() => {
  const figures = [...document.querySelectorAll("figure.plot")].map((figure) => ({
    figure, what: figure.dataset.plot, data: JSON.parse(figure.querySelector("script").textContent), plot: null,
  }));
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const probe = document.createElement("i");
  document.body.append(probe);

  /** A colour of the style sheet as canvas takes it: what `light-dark()` stands for at the moment. */
  function resolved(name) {
    probe.style.color = `var(${name})`;
    return getComputedStyle(probe).color;
  }

  const short = new Intl.NumberFormat("en", { notation: "compact", maximumSignificantDigits: 3 });
  const number = (value) => (value === null ? "" : short.format(value));
  const date = (seconds) => new Date(seconds * 1000).toISOString().slice(0, 10);
  const percent = (value) => (value === null ? "" : `${short.format(100 * value)}%`);

  function axes(spellX, spellY, isTime) {
    const shared = {
      stroke: resolved("--quiet"), font: `11px ${colour("--sans")}`, ticks: { show: false },
    };
    return [
      { ...shared, grid: { show: false }, size: 26, space: isTime ? 84 : 56, values: (_, all) => all.map(spellX) },
      { ...shared, grid: { stroke: resolved("--line"), width: 1 }, size: 46, space: 34, values: (_, all) => all.map(spellY) },
    ];
  }

  const KINDS = {
    distribution({ bins, low, high, measure }) {
      const width = (high - low) / bins.length;
      const at = bins.map((_, bin) => low + width * (bin + 0.5));
      const spell = measure === "instant" ? date : number;
      return {
        title: measure === "length" ? "Entities by length" : "Entities by value",
        data: [at, bins],
        axes: axes(spell, number, measure === "instant"),
        x: [low, high],
        y: (_, least, most) => [0, most * 1.05],
        series: [
          { label: "value", value: (_, value) => (value === null ? "" : spell(value)) },
          { label: "entities", stroke: resolved("--accent"), fill: resolved("--accent"), width: 0, points: { show: false },
            paths: uPlot.paths.bars({ size: [0.92, 64], gap: 1 }), value: (_, value) => number(value) },
        ],
      };
    },
    history({ at, quantiles, measure }) {
      const spell = measure === "instant" ? date : number;
      const line = (label, stroke, width) => ({
        label, stroke, width, points: { show: at.length < 40, size: 4, fill: stroke }, value: (_, value) => (value === null ? "" : spell(value)),
      });
      const faint = { points: { show: false } };
      return {
        title: "Over time: median, middle half, nine tenths",
        data: [at, ...quantiles],
        axes: axes(date, spell, true),
        bands: [
          { series: [5, 1], fill: resolved("--band-far") },
          { series: [4, 2], fill: resolved("--band-near") },
        ],
        series: [
          { label: "as of", value: (_, value) => (value === null ? "" : date(value)) },
          { ...line("5%", "transparent", 0), ...faint }, { ...line("25%", "transparent", 0), ...faint },
          line("median", resolved("--accent"), 2),
          { ...line("75%", "transparent", 0), ...faint }, { ...line("95%", "transparent", 0), ...faint },
        ],
      };
    },
    nulls({ at, nulls }) {
      return {
        title: "Over time: without a value",
        data: [at, nulls],
        axes: axes(date, percent, true),
        y: (_, least, most) => [0, Math.max(most * 1.1, 0.01)],
        series: [
          { label: "as of", value: (_, value) => (value === null ? "" : date(value)) },
          { label: "without a value", stroke: resolved("--out"), width: 2, points: { show: at.length < 40, size: 4, fill: resolved("--out") }, value: (_, value) => percent(value) },
        ],
      };
    },
    rows({ at, rows }) {
      return {
        title: "Entities over time",
        data: [at, rows],
        axes: axes(date, number, true),
        y: (_, least, most) => [0, Math.max(most * 1.1, 1)],
        series: [
          { label: "as of", value: (_, value) => (value === null ? "" : date(value)) },
          { label: "entities", stroke: resolved("--accent"), width: 2, points: { show: at.length < 40, size: 4, fill: resolved("--accent") }, value: (_, value) => number(value) },
        ],
      };
    },
  };

  function draw(each) {
    each.figure.hidden = false;
    const { title, data, axes, series, bands, x, y } = KINDS[each.what](each.data);
    each.plot?.destroy();
    let caption = each.figure.querySelector("figcaption");
    if (!caption) {
      caption = document.createElement("figcaption");
      each.figure.append(caption);
    }
    caption.textContent = title;
    each.plot = new uPlot({
      width: Math.max(240, each.figure.clientWidth), height: 170, padding: [8, 8, 0, 0],
      scales: { x: { time: false, ...(x ? { range: () => x } : {}) }, y: y ? { range: y } : {} },
      cursor: { y: false, points: { show: false }, drag: { setScale: false, x: false, y: false } },
      legend: { live: true, markers: { show: false } },
      axes, series, ...(bands ? { bands } : {}),
    }, data, each.figure);
    const canvas = each.figure.querySelector("canvas");
    canvas.setAttribute("role", "img");
    canvas.setAttribute("aria-label", each.figure.dataset.label);
  }

  const all = () => figures.forEach(draw);
  all();
  document.addEventListener("fpc-theme", all);
  document.fonts?.ready.then(all);
  let width = document.documentElement.clientWidth;
  addEventListener("resize", () => {
    if (width === document.documentElement.clientWidth) return;
    width = document.documentElement.clientWidth;
    for (const each of figures) each.plot.setSize({ width: Math.max(240, each.figure.clientWidth), height: 170 });
  });
})();
