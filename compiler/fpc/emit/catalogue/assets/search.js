/* Search as you type: a combobox over a list, as the ARIA patterns describe it. The index is made when it is first wanted. */
"use strict";
(() => {
  const SHOWN = 12;
  const RANK = { view: 1.25, source: 1.15, service: 1.15, "training set": 1.1, model: 1.15, entity: 1.2, owner: 1.1, feature: 1 };
  const input = document.getElementById("search");
  const popup = input.parentElement.querySelector(".found");
  const list = document.getElementById("found");
  const none = popup.querySelector(".none");
  const status = document.getElementById("found-count");
  let index = null;
  let active = -1;
  let asked = 0;

  /** Names in snake case and dotted paths are words, too. */
  const words = (text) => text.toLowerCase().split(/[^\p{L}\p{N}]+/u).filter(Boolean);

  function ready() {
    index ??= Promise.all([fpcCatalogue.load("assets/vendor/minisearch/minisearch.js"), fpcCatalogue.data("search")])
      .then(([, documents]) => {
        const made = new MiniSearch({
          fields: ["name", "where", "text", "more"],
          idField: "at",
          tokenize: words,
          processTerm: (term) => term,
          searchOptions: { prefix: true, boost: { name: 4, where: 1.5 } },
        });
        made.addAll(documents.map(([kind, name, where, page, text, more], at) => ({ at, name, where, text, more })));
        return { made, documents };
      });
    return index;
  }

  function search({ made, documents }, query) {
    const exact = query.trim().toLowerCase();
    const boostDocument = (at) => RANK[documents[at][0]] * (documents[at][1].toLowerCase() === exact ? 4 : 1);
    const all = made.search(query, { combineWith: "AND", boostDocument });
    if (all.length) return all;
    return made.search(query, { combineWith: "AND", fuzzy: (term) => (term.length > 3 ? 0.25 : false), boostDocument });
  }

  function option([kind, name, where, page, text], at) {
    const item = document.createElement("li");
    item.id = `found-${at}`;
    item.setAttribute("role", "option");
    item.setAttribute("aria-selected", "false");
    item.dataset.page = page;
    const parts = [["kind", kind], ["name", name], ["where", where], ["text", text]].map(([part, content]) => {
      const span = document.createElement("span");
      span.className = part;
      span.textContent = content;
      return span;
    });
    parts[0].dataset.kind = kind;
    item.append(...parts);
    return item;
  }

  function close() {
    popup.hidden = true;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
    active = -1;
  }

  function choose(at) {
    const options = [...list.children];
    options[active]?.setAttribute("aria-selected", "false");
    active = options.length ? (at + options.length) % options.length : -1;
    if (active < 0) {
      input.removeAttribute("aria-activedescendant");
      return;
    }
    options[active].setAttribute("aria-selected", "true");
    options[active].scrollIntoView({ block: "nearest" });
    input.setAttribute("aria-activedescendant", options[active].id);
  }

  async function show() {
    const query = input.value;
    const mine = ++asked;
    if (!words(query).length) {
      close();
      status.textContent = "";
      return;
    }
    const found = await ready();
    if (mine !== asked) return;
    const hits = search(found, query);
    list.replaceChildren(...hits.slice(0, SHOWN).map((hit, at) => option(found.documents[hit.id], at)));
    none.hidden = hits.length > 0;
    list.hidden = !hits.length;
    popup.hidden = false;
    input.setAttribute("aria-expanded", "true");
    status.textContent = hits.length === 1 ? "1 found" : `${hits.length} found`;
    active = -1;
    choose(hits.length ? 0 : -1);
  }

  const go = (item, elsewhere) => {
    const address = fpcCatalogue.root + item.dataset.page;
    if (elsewhere) window.open(address, "_blank", "noopener");
    else location.assign(address);
  };

  input.addEventListener("focus", ready);
  input.addEventListener("input", show);
  input.addEventListener("keydown", (event) => {
    const isOpen = !popup.hidden;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (isOpen) choose(active + (event.key === "ArrowDown" ? 1 : -1));
      else show();
    } else if (event.key === "Enter" && isOpen && active >= 0) {
      event.preventDefault();
      go(list.children[active], event.ctrlKey || event.metaKey);
    } else if (event.key === "Escape" && isOpen) {
      event.preventDefault();
      close();
    } else if (event.key === "Escape") {
      input.value = "";
    } else if (event.key === "Tab") {
      close();
    }
  });
  list.addEventListener("mousedown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => {
    const item = event.target.closest("[role=option]");
    if (item) go(item, event.ctrlKey || event.metaKey);
  });
  document.addEventListener("mousedown", (event) => {
    if (!input.parentElement.contains(event.target)) close();
  });
  document.addEventListener("keydown", (event) => {
    const writes = event.target.closest?.("input, textarea, select, [contenteditable]");
    if (event.key === "/" && !writes && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      input.focus();
      input.select();
    }
  });
})();
