"use strict";
(() => {
  const list = document.getElementById("papers");
  const cards = [...list.querySelectorAll("article")];
  const filter = document.getElementById("filter");
  const sort = document.getElementById("sort");
  const shown = document.getElementById("shown");
  const plain = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  const words = new Map();
  const points = new Map();
  let current = null;

  for (const card of cards) {
    const found = card.querySelectorAll(".title, .authors, .everyone, .keywords, .categories");
    words.set(card, plain([...found].map((part) => part.textContent).join(" ")));
    points.set(card, document.querySelector(`.map a[href="#${card.id}"]`));
  }
  const visible = () => [...list.querySelectorAll("article:not([hidden])")];

  function applyFilter() {
    const asked = plain(filter.value).split(/\s+/).filter(Boolean);
    let count = 0;
    for (const card of cards) {
      const fits = asked.every((word) => words.get(card).includes(word));
      card.hidden = !fits;
      points.get(card)?.classList.toggle("out", !fits);
      count += fits;
    }
    shown.textContent = shown.dataset.words.replace("{shown}", count).replace("{total}", cards.length);
    for (const button of document.querySelectorAll("[data-filter]")) {
      button.setAttribute("aria-pressed", String(plain(button.dataset.filter) === asked.join(" ")));
    }
  }

  const rank = (card) => Number(card.dataset.rank);
  const order = {
    score: (a, b) => rank(a) - rank(b),
    date: (a, b) => b.dataset.date.localeCompare(a.dataset.date) || rank(a) - rank(b),
    category: (a, b) => a.dataset.category.localeCompare(b.dataset.category) || rank(a) - rank(b),
  };

  function applySort() {
    list.append(...[...cards].sort(order[sort.value]));
  }

  function goTo(card) {
    if (!card) return;
    card.focus({ preventScroll: true });
    card.scrollIntoView({ block: "start", behavior: "instant" });
  }

  function step(by) {
    const among = visible();
    const at = among.indexOf(current);
    goTo(among[at < 0 ? 0 : Math.min(among.length - 1, Math.max(0, at + by))]);
  }

  function light(field, on) {
    const card = field.closest("article");
    for (const index of field.dataset.evidence.split(" ")) {
      const sentence = card.querySelector(`[data-sentence="${index}"]`);
      const mark = sentence?.querySelector(":scope > mark");
      if (on && sentence && !mark) {
        const made = document.createElement("mark");
        made.append(...sentence.childNodes);
        sentence.append(made);
      } else if (!on && mark) {
        mark.replaceWith(...mark.childNodes);
      }
    }
  }

  for (const field of document.querySelectorAll("[data-evidence]")) {
    const button = field.querySelector("button");
    const relight = () => light(field, field.matches(":hover, :focus-within"));
    for (const event of ["pointerenter", "pointerleave", "focusin", "focusout"]) {
      field.addEventListener(event, () => requestAnimationFrame(relight));
    }
    if (!button) continue;
    button.hidden = false;
    button.addEventListener("click", () => {
      const abstract = document.getElementById(button.getAttribute("aria-controls"));
      abstract.open = true;
      light(field, true);
      abstract.querySelector("mark")?.scrollIntoView({ block: "nearest" });
    });
  }

  list.addEventListener("focusin", (event) => {
    const card = event.target.closest("article");
    points.get(current)?.classList.remove("here");
    current = card ?? current;
    points.get(current)?.classList.add("here");
  });
  for (const [card, point] of points) {
    point?.addEventListener("click", (event) => {
      event.preventDefault();
      if (card.hidden) {
        filter.value = "";
        applyFilter();
      }
      history.replaceState(null, "", `#${card.id}`);
      goTo(card);
    });
  }
  for (const button of document.querySelectorAll("[data-filter]")) {
    button.addEventListener("click", () => {
      filter.value = filter.value === button.dataset.filter ? "" : button.dataset.filter;
      applyFilter();
    });
  }

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape" && event.target === filter) {
      filter.value = "";
      applyFilter();
      filter.blur();
      return;
    }
    if (event.target.closest?.("input, select, textarea")) return;
    if (event.key === "j") step(1);
    else if (event.key === "k") step(-1);
    else if (event.key === "o") current?.querySelector("a.open")?.click();
    else if (event.key === "/") filter.focus();
    else return;
    event.preventDefault();
  });
  filter.form.addEventListener("submit", (event) => event.preventDefault());
  filter.addEventListener("input", applyFilter);
  sort.addEventListener("change", applySort);
  filter.form.hidden = false;
  applyFilter();
})();
