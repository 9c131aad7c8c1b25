/**
 * The script of the listing for people: the names are filtered while somebody
 * types. It asks the server as the form would, and takes the list out of the
 * answer. Its hash stands in the page's `Content-Security-Policy`, so that no
 * other script ever runs; a test compares the two.
 */

/** The script. It stands behind the form. */
export const LISTING_SCRIPT: string = `
const form = document.querySelector("form"), box = form.elements.q;
let shown = box.value.trim(), timer = 0, asked = 0;
async function update() {
  const filter = box.value.trim(), turn = ++asked;
  if (filter === shown) return;
  const fields = new URLSearchParams(new FormData(form));
  if (filter === "") fields.delete("q");
  const query = fields.toString(), url = query === "" ? "./" : "?" + query;
  try {
    const answer = await fetch(url);
    if (!answer.ok) return form.submit();
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (turn !== asked) return;
    document.getElementById("list").replaceWith(page.getElementById("list"));
    shown = filter;
    history.replaceState(null, "", url);
  } catch {
    // Away from its server the list stays as it is.
  }
}
box.addEventListener("input", () => {
  clearTimeout(timer);
  timer = setTimeout(update, 120);
});
form.addEventListener("submit", (event) => {
  event.preventDefault();
  clearTimeout(timer);
  update();
});
document.addEventListener("keydown", (event) => {
  const writes = /^(?:INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName);
  if (event.key !== "/" || writes || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  box.select();
});
form.querySelector("button").hidden = true;
`.trim();

/** The SHA-256 of {@linkcode LISTING_SCRIPT}, in Base64. */
export const LISTING_SCRIPT_SHA256 =
  "hGtNbwm01rAp8lgihQzywlEK+WzE11beho9W8eeR/dI=";
