/* The lineage graph that one walks: a node and what is above and below it. Following a node puts that one into the middle. */
"use strict";
(() => {
  const ROW = 30;
  const LIMIT = 40;
  const MINOR = new Set(["key", "event_time", "known_time", "unique_key"]);
  const WORDS = {
    column: "column", feature: "feature", service: "service", training_set: "training set", model: "model",
    source: "source", view: "view", more: "more",
  };
  const SVG = "http://www.w3.org/2000/svg";

  /** Nodes and edges by number, with what is above and below each; and the same by whole sources and views. */
  function graphs(data) {
    const columns = { nodes: data.nodes.map(([kind, parent, name, page]) => ({ kind: data.kinds[kind], parent, name, page })), edges: new Map() };
    for (const [upper, lower, bits] of data.edges) {
      const roles = data.roles.filter((_, at) => bits & (1 << at));
      columns.edges.set(`${upper} ${lower}`, { upper, lower, roles });
    }
    const things = { nodes: [], edges: new Map() };
    const numbers = new Map();
    const lift = columns.nodes.map((node) => {
      const whole = { column: "source", feature: "view" }[node.kind] ?? node.kind;
      const name = whole === node.kind ? node.name : node.parent;
      const key = `${whole} ${name}`;
      if (!numbers.has(key)) {
        const page = whole === "source" ? `sources/${name}.html` : whole === "view" ? `views/${name}.html` : node.page;
        numbers.set(key, things.nodes.push({ kind: whole, parent: "", name, page }) - 1);
      }
      return numbers.get(key);
    });
    const join = (upper, lower, roles) => {
      if (upper !== lower) things.edges.set(`${upper} ${lower}`, { upper, lower, roles });
    };
    for (const { upper, lower, roles } of columns.edges.values()) join(lift[upper], lift[lower], [roles.find((role) => !MINOR.has(role)) ?? "value"]);
    for (const [view, source] of Object.entries(data.sources)) {
      const ends = [numbers.get(`source ${source}`), numbers.get(`view ${view}`)];
      if (ends.every((end) => end !== undefined)) join(...ends, ["value"]);
    }
    for (const graph of [columns, things]) {
      graph.above = graph.nodes.map(() => []);
      graph.below = graph.nodes.map(() => []);
      for (const edge of graph.edges.values()) {
        graph.below[edge.upper].push(edge);
        graph.above[edge.lower].push(edge);
      }
    }
    return { columns, things };
  }

  const title = (node) => (node.parent ? `${node.parent}.${node.name}` : node.name);

  /** Everything above and below a node, as far as it goes, each side with at most LIMIT nodes unless it is widened. */
  function around(graph, middle, withMinor, limit) {
    const nodes = new Set([middle]);
    const edges = new Set();
    const hidden = { above: 0, below: 0 };
    const counts = (edge) => withMinor || edge.roles.some((role) => !MINOR.has(role));
    for (const [side, end] of [["above", "upper"], ["below", "lower"]]) {
      let layer = [middle];
      const seen = new Set(layer);
      let taken = 0;
      while (layer.length) {
        const next = [];
        for (const node of layer) {
          for (const edge of graph[side][node]) {
            if (!counts(edge)) continue;
            if (!seen.has(edge[end])) {
              seen.add(edge[end]);
              if (taken >= limit) {
                hidden[side] += 1;
                continue;
              }
              taken += 1;
              nodes.add(edge[end]);
              next.push(edge[end]);
            }
            if (nodes.has(edge[end])) edges.add(edge);
          }
        }
        layer = next;
      }
    }
    return { nodes, edges, hidden };
  }

  function svg(name, attributes, ...children) {
    const element = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    element.append(...children);
    return element;
  }

  const measure = document.createElement("canvas").getContext("2d");

  function textWidth(text) {
    measure.font = `500 12.5px ${getComputedStyle(document.documentElement).getPropertyValue("--mono")}`;
    return measure.measureText(text).width;
  }

  const clipped = (text) => (text.length > 64 ? `${text.slice(0, 63)}…` : text);

  async function start(place) {
    const [data] = await Promise.all([fpcCatalogue.data("lineage"), fpcCatalogue.load("assets/vendor/dagre/dagre.min.js")]);
    const both = graphs(data);
    const { kind, parent, name } = place.dataset;
    const graph = kind === "feature" ? both.columns : both.things;
    const first = graph.nodes.findIndex((node) => node.kind === kind && node.parent === parent && node.name === name);
    if (first < 0) return;
    const canvas = place.querySelector(".canvas");
    const trail = place.querySelector(".trail");
    const back = place.querySelector(".back");
    const open = place.querySelector(".open");
    const box = place.querySelector(".all-roles");
    const walked = [first];
    let limit = LIMIT;
    if (graph === both.things) box.parentElement.hidden = true;
    else box.checked = !graph.above[first].some((edge) => edge.roles.some((role) => !MINOR.has(role)));

    function draw(keepFocus) {
      const middle = walked.at(-1);
      const { nodes, edges, hidden } = around(graph, middle, box.checked, limit);
      const layout = new dagre.graphlib.Graph();
      layout.setGraph({ rankdir: "LR", nodesep: 8, ranksep: 56, marginx: 4, marginy: 8 });
      layout.setDefaultEdgeLabel(() => ({}));
      for (const at of nodes) layout.setNode(String(at), { width: Math.max(64, textWidth(clipped(graph.nodes[at].name)) + 36), height: graph.nodes[at].parent ? ROW + 12 : ROW });
      for (const edge of edges) layout.setEdge(String(edge.upper), String(edge.lower));
      dagre.layout(layout);
      const { width, height } = layout.graph();
      const lines = svg("g", { "aria-hidden": "true" });
      for (const edge of edges) {
        const { points } = layout.edge(String(edge.upper), String(edge.lower));
        const [from, to] = [points[0], points.at(-1)];
        const bend = Math.max(18, (to.x - from.x) / 2);
        const path = points.length > 3
          ? points.slice(1).reduce((text, point, at) => {
            const before = points[at];
            const half = (before.x + point.x) / 2;
            return `${text}C${half} ${before.y} ${half} ${point.y} ${point.x} ${point.y}`;
          }, `M${from.x} ${from.y}`)
          : `M${from.x} ${from.y}C${from.x + bend} ${from.y} ${to.x - bend} ${to.y} ${to.x} ${to.y}`;
        const minor = edge.roles.every((role) => MINOR.has(role));
        lines.append(svg("path", { d: path, class: minor ? "minor" : "major" }));
      }
      const boxes = svg("g", { role: "list" });
      const order = [...nodes].sort((a, b) => layout.node(String(a)).x - layout.node(String(b)).x || layout.node(String(a)).y - layout.node(String(b)).y);
      for (const at of order) {
        const node = graph.nodes[at];
        const { x, y, width: wide, height: tall } = layout.node(String(at));
        const roles = [...edges].filter((edge) => (edge.upper === at && edge.lower === middle) || (edge.lower === at && edge.upper === middle)).flatMap((edge) => edge.roles);
        const label = `${WORDS[node.kind]} ${node.parent ? `${node.parent} ` : ""}${clipped(node.name)}${roles.length ? `, ${roles.join(", ").replaceAll("_", " ")}` : ""}${at === middle ? ", in the middle" : ""}`;
        const link = svg("a", { href: node.page ? fpcCatalogue.root + node.page : "#", "aria-label": label, "data-at": at, "data-kind": node.kind, class: at === middle ? "node middle" : "node", transform: `translate(${x - wide / 2} ${y - tall / 2})` });
        const text = svg("text", {});
        if (node.parent) text.append(svg("tspan", { x: 24, y: 16, class: "parent" }, node.parent), " ");
        text.append(svg("tspan", { x: 24, y: node.parent ? 31 : 19.5 }, clipped(node.name)));
        link.append(svg("rect", { width: wide, height: tall, rx: 6 }), svg("circle", { cx: 13, cy: tall / 2, r: 3.5 }), text);
        if (at === middle) link.setAttribute("aria-current", "true");
        boxes.append(svg("g", { role: "listitem" }, link));
      }
      // What is a little too wide is drawn a little smaller; what is much too wide is scrolled.
      const room = canvas.clientWidth - 26;
      const scale = width > room && width < 1.3 * room ? room / width : 1;
      const drawing = svg("svg", { viewBox: `0 0 ${width} ${height}`, width: width * scale, height: height * scale, class: "lineage" }, lines, boxes);
      const more = [];
      if (hidden.above + hidden.below) {
        const button = document.createElement("button");
        button.type = "button";
        button.className = "more";
        button.textContent = `Show ${hidden.above + hidden.below} more`;
        button.addEventListener("click", () => { limit *= 4; draw(true); });
        more.push(button);
      }
      canvas.replaceChildren(drawing, ...more);
      const at = layout.node(String(middle));
      canvas.scrollLeft = at.x * scale - canvas.clientWidth / 2;
      canvas.scrollTop = at.y * scale - canvas.clientHeight / 2;
      const node = graph.nodes[middle];
      const side = (list, end) => new Set(list.map((edge) => edge[end])).size;
      trail.textContent = `${title(node)}: made of ${side(graph.above[middle], "upper")}, used by ${side(graph.below[middle], "lower")}`;
      back.disabled = walked.length < 2;
      open.hidden = walked.length < 2 || !node.page;
      open.textContent = `Open ${title(node)}`;
      open.setAttribute("href", node.page ? fpcCatalogue.root + node.page : "#");
      if (keepFocus) canvas.querySelector(".middle").focus();
    }

    canvas.addEventListener("click", (event) => {
      const link = event.target.closest("a.node");
      if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
      const at = Number(link.dataset.at);
      event.preventDefault();
      if (at === walked.at(-1)) {
        if (walked.length > 1 && graph.nodes[at].page) location.assign(link.getAttribute("href"));
        return;
      }
      walked.push(at);
      limit = LIMIT;
      draw(true);
    });
    back.addEventListener("click", () => {
      walked.pop();
      draw(false);
      if (back.disabled) canvas.querySelector(".middle").focus();
    });
    box.addEventListener("change", () => draw(false));
    place.hidden = false;
    draw(false);
    await document.fonts?.ready;
    draw(false);
  }

  for (const place of document.querySelectorAll(".graph")) start(place);
})();
