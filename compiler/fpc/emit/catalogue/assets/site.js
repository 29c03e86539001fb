/* What every page has: the switch of colours, copying, times as they are spoken, and scripts that come when asked for. */
"use strict";
const fpcCatalogue = (() => {
  const root = document.documentElement.dataset.root;
  const waiting = new Map();
  const loaded = new Map();
  const SCRIPTS = [
    "assets/data/search.js", "assets/data/lineage.js", "assets/vendor/minisearch/minisearch.js", "assets/vendor/dagre/dagre.min.js",
  ];

  /** The address of one of the site's own scripts: the only thing that the page's policy lets a script make a script of. */
  const address = (path) => {
    if (!SCRIPTS.includes(path)) throw new TypeError("not a script of the catalogue");
    return root + path;
  };
  const policy = globalThis.trustedTypes?.createPolicy("fpc", { createScriptURL: address }) ?? { createScriptURL: address };

  /** Load a script of the site once; a page that was opened from a file can load scripts, but fetch nothing. */
  function load(path) {
    if (!loaded.has(path)) {
      loaded.set(path, new Promise((resolve, reject) => {
        const script = document.createElement("script");
        script.addEventListener("load", resolve);
        script.addEventListener("error", reject);
        script.src = policy.createScriptURL(path);
        document.head.append(script);
      }));
    }
    return loaded.get(path);
  }

  /** The value that `assets/data/NAME.js` hands to `receive`. */
  async function data(name) {
    await load(`assets/data/${name}.js`);
    return waiting.get(name);
  }

  return { root, load, data, receive: (name, value) => waiting.set(name, value) };
})();

(() => {
  const button = document.querySelector("button.theme");
  const system = matchMedia("(prefers-color-scheme: dark)");
  const isDark = () => (document.documentElement.dataset.theme ?? (system.matches ? "dark" : "light")) === "dark";
  const show = () => {
    button.setAttribute("aria-pressed", String(isDark()));
    document.dispatchEvent(new CustomEvent("fpc-theme"));
  };
  button.addEventListener("click", () => {
    const chosen = isDark() ? "light" : "dark";
    document.documentElement.dataset.theme = chosen;
    try {
      localStorage.setItem("fpc-theme", chosen);
    } catch {
      /* it holds for this page, then */
    }
    show();
  });
  system.addEventListener("change", show);
  show();

  for (const copy of document.querySelectorAll("button.copy")) {
    copy.addEventListener("click", async () => {
      const text = copy.parentElement.querySelector("code").textContent;
      try {
        await navigator.clipboard.writeText(text);
        copy.textContent = "Copied";
      } catch {
        getSelection().selectAllChildren(copy.parentElement.querySelector("code"));
        copy.textContent = "Selected";
      }
      setTimeout(() => { copy.textContent = "Copy"; }, 1500);
    });
  }

  const spoken = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
  const units = [["year", 31557600], ["month", 2629800], ["day", 86400], ["hour", 3600], ["minute", 60], ["second", 1]];
  for (const time of document.querySelectorAll("time.ago")) {
    const seconds = (Date.parse(time.dateTime) - Date.now()) / 1000;
    const [unit, size] = units.find(([, each]) => Math.abs(seconds) >= each) ?? units.at(-1);
    time.title = time.textContent;
    time.textContent = spoken.format(Math.round(seconds / size), unit);
  }
})();
