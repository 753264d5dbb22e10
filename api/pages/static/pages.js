// What makes the pages quicker to use. Every page is whole without it: each link and form here has a page of its own.
//
//   data-swap="ID"   on a link or form: takes the element with that id out of the page it leads to, in place of ours;
//                    with data-push the address goes along, so that Back leads back
//   data-more        on a link in a list: puts the rows of the page it leads to behind ours
//   data-news="URL"  on an article: when the log says that something is new, brings everything marked `data-live` up to date

const fetched = async (address) => {
  const answer = await fetch(address, { headers: { accept: "text/html" } });
  if (!answer.ok) throw new Error(`${address}: ${answer.status}`);
  return new DOMParser().parseFromString(await answer.text(), "text/html");
};

/** Do it while the element is marked busy; where it fails, go to the page itself. */
async function busy(element, address, work) {
  element.setAttribute("aria-busy", "true");
  try {
    await work(await fetched(address));
  } catch {
    location.assign(address);
  } finally {
    element.removeAttribute("aria-busy");
  }
}

const asked = new Map(); // by element: the address it was asked for last, whose answer alone counts

async function swap(id, address) {
  asked.set(id, address);
  await busy(document.getElementById(id), address, (page) => {
    if (asked.get(id) !== address) return;
    const old = document.getElementById(id);
    const focused = old.contains(document.activeElement) ? focusPath(document.activeElement) : null;
    old.replaceWith(page.getElementById(id));
    document.dispatchEvent(new Event("tally:swapped"));
    if (focused) document.getElementById(id).querySelector(focused)?.focus({ preventScroll: true });
  });
}

/** How to find the link again that was used, when what it stands in has come anew: by its column, or as the one chosen. */
function focusPath(element) {
  const cell = element.closest("th");
  return cell ? `thead th:nth-child(${cell.cellIndex + 1}) a` : "[aria-current=true]";
}

async function more(link) {
  const paragraph = link.closest(".more");
  const list = paragraph.parentElement;
  const rows = (root) => root.querySelector("tbody, [data-rows]");
  await busy(list, link.href, (page) => {
    const there = page.querySelector(".more a[data-more]")?.closest(".more");
    const source = there?.parentElement ?? page.getElementById(list.id);
    const news = [...rows(source).children];
    rows(list).append(...news);
    if (there) paragraph.replaceWith(there);
    else paragraph.remove();
    news[0]?.querySelector("a")?.focus({ preventScroll: true });
  });
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-swap], a[data-more]");
  if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  if (link.dataset.swap) swapFor(link, link.getAttribute("href"));
  else more(link);
});

function swapFor({ dataset }, address) {
  if ("push" in dataset) history.pushState({ swap: dataset.swap }, "", address);
  swap(dataset.swap, address);
}

addEventListener("popstate", () => {
  const pushed = document.querySelector("[data-push]");
  if (pushed) swap(pushed.dataset.swap, location.href);
});

document.addEventListener("submit", (event) => {
  if (!event.target.dataset.swap) return;
  event.preventDefault();
  swapFor(event.target, `${event.target.action}?${new URLSearchParams(new FormData(event.target))}`);
});

document.addEventListener("change", (event) => {
  if (event.target.matches("form[data-swap] :is([type=radio], select)")) event.target.form?.requestSubmit();
});

/** Follow the news of a contract. Opened details stay open, and a table that was sorted or prolonged stays as it is. */
function follow(article) {
  const source = new EventSource(article.dataset.news);
  const light = (isOn) => document.querySelector(".live")?.toggleAttribute("hidden", !isOn);
  let waiting = null;
  const refresh = async () => {
    waiting = null;
    const page = await fetched(location.href);
    for (const old of article.querySelectorAll("[data-live]")) {
      const now = page.getElementById(old.id);
      if (!now || old.contains(document.activeElement) || old.querySelector("details[open]")) continue;
      old.replaceWith(now);
    }
    light(true);
  };
  source.onopen = () => light(true);
  source.onerror = () => light(false);
  source.addEventListener("statement", (event) => {
    tell(document.getElementById("news"), JSON.parse(event.data).says);
    waiting ??= setTimeout(() => refresh().catch(() => light(false)), REFRESH_MS);
  });
}

/** Put a sentence on top of the latest ones. */
function tell(list, sentence) {
  const item = document.createElement("li");
  item.textContent = sentence;
  list.prepend(item);
  while (list.children.length > LATEST) list.lastChild.remove();
  list.closest("section").hidden = false;
}

const REFRESH_MS = 500;
const LATEST = 5;
const article = document.querySelector("[data-news]");
if (article) follow(article);
