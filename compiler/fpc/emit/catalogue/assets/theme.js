/* Before anything is drawn: the colours that the reader chose last. The system's, where there was no choice. */
"use strict";
(() => {
  let chosen = null;
  try {
    chosen = localStorage.getItem("fpc-theme");
  } catch {
    /* a browser that keeps nothing for files */
  }
  if (chosen === "dark" || chosen === "light") document.documentElement.dataset.theme = chosen;
})();
