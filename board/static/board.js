// The live board: puts the server's fragments in place, counts down between them, and says when it is out of date.
// Plain script, no library: server-sent events carry fragments that the server has drawn and escaped.
"use strict";
(() => {
  const STALE_MS = 12000; // the server says something every 5 s; two missed words in a row are a loss
  const BROKEN_MS = 4000; // when the browser itself reports the connection broken
  const body = document.body;
  const find = (selector, root = document) => root.querySelector(selector);
  const each = (selector, act, root = document) => root.querySelectorAll(selector).forEach(act);
  const pad = (number) => String(number).padStart(2, "0");
  let heard = performance.now(); // of the last sign of life, in real milliseconds of this page
  let anchor = { product: Date.parse(body.dataset.now), real: heard, speed: Number(body.dataset.speed) };
  let last = body.dataset.last;
  let broken = false;
  let ill = { troubles: [], since: null };

  const now = () => anchor.product + (performance.now() - anchor.real) * anchor.speed;

  function span(ms) {
    const whole = Math.floor(Math.abs(ms) / 1000);
    if (whole < 60) return `${whole} s`;
    if (whole < 3600) return `${Math.floor(whole / 60)} min`;
    const minutes = Math.floor((whole % 3600) / 60);
    if (whole < 86400) return `${Math.floor(whole / 3600)} h` + (minutes ? ` ${pad(minutes)} min` : "");
    const hours = Math.floor((whole % 86400) / 3600);
    return `${Math.floor(whole / 86400)} d` + (hours ? ` ${hours} h` : "");
  }

  function countdown(ms) {
    const whole = Math.floor(Math.abs(ms) / 1000);
    const sign = ms < 0 ? "+" : "";
    if (whole >= 172800) return sign + span(ms);
    const hours = whole >= 3600 ? `${Math.floor(whole / 3600)}:` : "";
    return `${sign}${hours}${pad(Math.floor((whole % 3600) / 60))}:${pad(whole % 60)}`;
  }

  const write = (element, text) => { if (element.textContent !== text) element.textContent = text; };

  function tick() {
    const at = now();
    each("[data-due]", (one) => {
      const left = Date.parse(one.dateTime) - at;
      write(one, countdown(left));
      one.classList.toggle("over", left < 0);
    });
    each("[data-age]", (one) => write(one, span(at - Date.parse(one.dateTime))));
    each("[data-bar]", (one) => {
      const share = 1 - (Date.parse(one.dataset.dueAt) - at) / 1000 / Number(one.dataset.target);
      find(".fill", one).setAttribute("width", (100 * Math.min(1, Math.max(0, share))).toFixed(2));
    });
    const wall = new Date(at);
    write(find("[data-wall]"), wall.toISOString().slice(11, 19));
    write(find("[data-day]"), wall.toLocaleDateString("en-GB",
      { weekday: "short", day: "numeric", month: "short", year: "numeric", timeZone: "UTC" }).replace(",", ""));
    link();
  }

  // A countdown goes on by itself, so a silent loss of the server would look like a quiet day: say it loudly.
  function link() {
    const silent = performance.now() - heard;
    const state = silent > (broken ? BROKEN_MS : STALE_MS) ? "lost" : ill.troubles.length ? "troubled" : "live";
    const box = find("[data-link]");
    if (box.dataset.is !== state) {
      box.dataset.is = state;
      find("use", box).setAttribute("href", { live: "#i-met", troubled: "#i-warning", lost: "#i-breached" }[state]);
      write(find("[data-link-text]"), { live: "live", troubled: "out of date", lost: "connection lost" }[state]);
    }
    const stale = find("[data-stale]");
    stale.hidden = state === "live";
    body.classList.toggle("is-stale", state !== "live");
    if (state === "lost") write(stale, `Connection to the board lost: what you see is ${span(silent)} old. Trying again.`);
    if (state === "troubled") {
      const age = ill.since && ` Last answer ${span((now() - Date.parse(ill.since)) / anchor.speed)} ago.`;
      write(stale, `May be out of date: ${ill.troubles.join("; ")}.${age ?? ""}`);
    }
  }

  function beat(message) {
    heard = performance.now();
    broken = false;
    anchor = { product: Date.parse(message.now), real: heard, speed: message.speed };
    ill = message;
  }

  function place(message) {
    const cards = find("[data-cards]");
    if (!cards) return refresh(message);
    const focused = document.activeElement.closest?.("[data-key]")?.dataset.key;
    for (const [key, html] of Object.entries(message.fragments)) {
      const fixed = find(`[data-fragment="${key}"]`);
      if (fixed) fixed.innerHTML = html;
      else {
        const old = find(`[data-key="${CSS.escape(key)}"]`, cards);
        const template = document.createElement("template");
        template.innerHTML = html; // drawn and escaped by the server; the policy forbids inline scripts besides
        const fresh = template.content.firstElementChild;
        if (old) old.replaceWith(fresh); else { fresh.classList.add("is-new"); cards.append(fresh); }
      }
    }
    const wanted = new Set(message.order);
    each("[data-key]", (card) => { if (!wanted.has(card.dataset.key)) card.remove(); }, cards);
    message.order.forEach((key, position) => {
      const card = find(`[data-key="${CSS.escape(key)}"]`, cards);
      if (card && cards.children[position] !== card) cards.insertBefore(card, cards.children[position] ?? null);
    });
    const quiet = find("[data-quiet]");
    quiet.hidden = message.order.length > 0;
    if (message.primed) quiet.innerHTML = "<b>All quiet.</b> No open incident at any provider.";
    const over = cards.querySelectorAll(".card.is-overdue").length;
    document.title = (over ? `(${over} overdue) ` : "") + "Holdfast board";
    if (focused && wanted.has(focused)) find(`[data-key="${CSS.escape(focused)}"] [data-focus]`, cards)?.focus();
  }

  // The incident's page is drawn from the index, which is a moment behind the stream: fetch twice.
  function refresh(message) {
    if (!message.fragments[body.dataset.incident] && message.order.includes(body.dataset.incident)) return;
    for (const wait of [300, 3000]) setTimeout(again, wait);
  }

  async function again() {
    const answer = await fetch(location.href).catch(() => null);
    if (!answer?.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    find("[data-detail]").replaceWith(find("[data-detail]", page));
    tick();
  }

  function listen() {
    const source = new EventSource(`/events?since=${encodeURIComponent(last)}`);
    source.addEventListener("beat", (event) => {
      beat(JSON.parse(event.data));
      if (find("[data-unindexed]")) again();
    });
    source.addEventListener("patch", (event) => {
      const message = JSON.parse(event.data);
      last = event.lastEventId;
      beat(message);
      place(message);
      if (message.say.length) write(find("[data-say]"), message.say.join(". "));
      tick();
    });
    source.onerror = () => {
      broken = true;
      if (source.readyState === EventSource.CLOSED) setTimeout(listen, 3000); // refused for good: ask anew
    };
  }

  function themes() {
    const names = ["system", "dark", "light"];
    const button = find("[data-theme-switch]");
    const root = document.documentElement.dataset;
    const apply = (name) => write(find("[data-theme-name]"), root.theme = names.includes(name) ? name : "system");
    apply(localStorage.getItem("theme"));
    button.hidden = false;
    button.addEventListener("click", () => {
      apply(names[(names.indexOf(root.theme) + 1) % names.length]);
      localStorage.setItem("theme", root.theme);
    });
  }

  if (body.dataset.page) { listen(); tick(); setInterval(tick, 250); }
  themes(); // last: a browser that keeps no storage throws here, and only the choice of theme is lost
})();
