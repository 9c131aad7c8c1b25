/**
 * The script that loads a page again. Only the tab that is looked at asks: a
 * browser has six connections to a server (HTTP/1.1), and a tab that waits has
 * one of them. A frame is loaded again with the page around it.
 */
export const SCRIPT = `"use strict";
(() => {
  if (self.webservLive) return;
  self.webservLive = true;
  try {
    if (top !== self && top.location.origin === location.origin) return;
  } catch { /* It is in a page of somebody else. */ }
  const url = new URL(document.currentScript.src);
  url.search = "since=" + url.searchParams.get("version");
  let source, timer;
  function close() {
    clearTimeout(timer);
    source?.close();
    source = undefined;
  }
  function open() {
    close();
    if (document.hidden) return;
    source = new EventSource(url);
    source.addEventListener("change", () => {
      close();
      location.reload();
    });
    source.onerror = () => {
      if (source?.readyState === EventSource.CLOSED) {
        close();
        timer = setTimeout(open, 1000);
      }
    };
  }
  addEventListener("pagehide", close);
  addEventListener("pageshow", open);
  document.addEventListener("visibilitychange", open);
  open();
})();
`;
