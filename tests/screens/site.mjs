// Opens every page of the built docs site in headless Chromium, and says what a reader would trip over:
// console errors, requests to other hosts, violations of axe-core, pages wider than a phone, a search without results.
// Usage: node site.mjs FOLDER-OF-THE-SITE (build/site by default). Exits with 1 if it finds something.
import { createServer } from "node:http";
import { readdir, readFile } from "node:fs/promises";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";

import puppeteer from "puppeteer-core";

const TYPES = { ".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".json": "application/json",
  ".png": "image/png", ".svg": "image/svg+xml", ".xml": "application/xml" };
const PHONE = { width: 360, height: 740, isMobile: true, hasTouch: true };
const DESKTOP = { width: 1280, height: 900 };
const SEARCHES = { "kill switch": "hold.html", "promotion/stopped": "rules.html", "minimumSuccessRate": "packs.html" };

const site = process.argv[2] ?? fileURLToPath(new URL("../../build/site", import.meta.url));
const pages = (await readdir(site, { recursive: true })).filter((each) => each.endsWith(".html")).sort();
const problems = [];
const counts = { pages: 0, rules: 0, elements: 0, requests: 0, searches: 0 };

const server = createServer(async (request, response) => {
  const path = decodeURIComponent(new URL(request.url, "http://x").pathname);
  try {
    // as on GitHub Pages, the site is below a folder, which the page for a missing one refers to
    const body = await readFile(join(site, path.replace(/^\/wavegate\//, "")));
    response.writeHead(200, { "content-type": `${TYPES[extname(path)] ?? "application/octet-stream"}; charset=utf-8` });
    response.end(body);
  } catch {
    response.writeHead(404).end();
  }
});
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const origin = `http://127.0.0.1:${server.address().port}/wavegate`;
const axe = await readFile(fileURLToPath(import.meta.resolve("axe-core/axe.min.js")), "utf8");
const browser = await puppeteer.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox"] });

async function open(scheme) {
  const tab = await browser.newPage();
  await tab.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
  const note = (text) => problems.push(`${tab.url().slice(origin.length + 1)}: ${text}`);
  tab.on("console", (message) => ["error", "warning"].includes(message.type()) && note(`console: ${message.text()}`));
  tab.on("pageerror", (error) => note(`error: ${error.message}`));
  tab.on("request", (request) => {
    counts.requests += 1;
    if (!request.url().startsWith(origin) && !/^(data|blob):/.test(request.url())) note(`asks ${request.url()}`);
  });
  tab.on("response", (response) => response.status() >= 400 && note(`${response.status()} for ${response.url()}`));
  return tab;
}

async function violations(tab) {
  await tab.evaluate(axe);
  return tab.evaluate(async () => {
    const { violations, passes } = await globalThis.axe.run(document, { resultTypes: ["violations"] });
    return {
      found: violations.map((each) => `${each.id} (${each.impact}), ${each.nodes.length} times; first: ${each.nodes[0].html.slice(0, 160)}`),
      rules: passes.length + violations.length,
    };
  });
}

for (const scheme of ["light", "dark"]) {
  const tab = await open(scheme);
  for (const page of pages) {
    await tab.setViewport(DESKTOP);
    await tab.goto(`${origin}/${page}`, { waitUntil: "load" });
    const { found, rules } = await violations(tab);
    problems.push(...found.map((each) => `${page}, ${scheme}: axe: ${each}`));
    counts.rules = Math.max(counts.rules, rules);
    counts.pages += 1;
    if (scheme === "light") {
      await tab.setViewport(PHONE);
      await tab.reload({ waitUntil: "load" });
      const { wide, by, elements } = await tab.evaluate(() => {
        const width = document.documentElement.clientWidth;
        const scrolls = (each) => each && (["auto", "scroll", "hidden"].includes(getComputedStyle(each).overflowX) || scrolls(each.parentElement));
        const all = [...document.querySelectorAll(".md-content *")];
        const over = all.filter((each) => each.getBoundingClientRect().right > width + 1 && !scrolls(each.parentElement));
        return { wide: document.documentElement.scrollWidth > width, by: over.map((each) => each.outerHTML.slice(0, 120))[0], elements: all.length };
      });
      counts.elements += elements;
      if (wide || by) problems.push(`${page}: wider than ${PHONE.width} px: ${by}`);
    }
  }
  await tab.close();
}

const tab = await open("light");
await tab.setViewport(DESKTOP);
for (const [words, page] of Object.entries(SEARCHES)) {
  await tab.goto(`${origin}/index.html`, { waitUntil: "load" });
  await tab.type(".md-search__input", words);
  await tab.waitForSelector(".md-search-result__link", { timeout: 10_000 }).catch(() => {});
  const links = await tab.$$eval(".md-search-result__link", (all) => all.map((each) => each.href));
  counts.searches += 1;
  if (!links.some((each) => each.includes(page))) problems.push(`search for ${words}: ${page} is not among ${links.length} results`);
}
await browser.close();
server.close();

for (const each of problems) console.log(each);
console.log(
  `${pages.length} pages in light and dark: ${counts.rules} rules of axe-core, no request but to the site (${counts.requests} made), ` +
    `${counts.elements} elements at ${PHONE.width} px, ${counts.searches} searches: ${problems.length} problems`,
);
process.exit(problems.length ? 1 : 0);
