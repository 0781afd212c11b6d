// Opens one HTML file in headless Chromium, light and dark, wide and on a phone, and says what a reader would trip
// over: console errors, requests, violations of axe-core, a page wider than the screen, a part that Tab cannot reach.
// Usage: node page.mjs FILE.html FOLDER-OF-PICTURES. Exits with 1 if it finds something.
import { mkdir, readFile } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

import puppeteer from "puppeteer-core";

const [file, pictures] = process.argv.slice(2);
const SCREENS = { desktop: { width: 1280, height: 900 }, phone: { width: 360, height: 740, isMobile: true, hasTouch: true } };
const address = String(pathToFileURL(resolve(file)));
const axe = await readFile(fileURLToPath(import.meta.resolve("axe-core/axe.min.js")), "utf8");
const browser = await puppeteer.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox"] });
const problems = [];
let rules = 0;
await mkdir(pictures, { recursive: true });

for (const scheme of ["light", "dark"]) {
  for (const [name, viewport] of Object.entries(SCREENS)) {
    const tab = await browser.newPage();
    const note = (text) => problems.push(`${scheme}, ${name}: ${text}`);
    tab.on("console", (message) => ["error", "warning"].includes(message.type()) && note(`console: ${message.text()}`));
    tab.on("pageerror", (error) => note(`error: ${error.message}`));
    tab.on("request", (request) => request.url() !== address && note(`asks ${request.url()}`));
    await tab.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
    await tab.setViewport(viewport);
    await tab.goto(address, { waitUntil: "load" });
    await tab.screenshot({ path: join(pictures, `${basename(file, ".html")}-${name}-${scheme}.png`), fullPage: true });
    const { width, shown } = await tab.evaluate(() => ({ width: document.documentElement.scrollWidth, shown: document.documentElement.clientWidth }));
    if (width > shown) note(`${width} pixels wide on a screen of ${shown}`);
    const stops = await tab.evaluate(() => document.querySelectorAll("a[href], summary, [tabindex='0']").length);
    const reached = new Set();
    for (let press = 0; press < stops + 2; press += 1) {
      await tab.keyboard.press("Tab");
      reached.add(await tab.evaluate(() => [...document.querySelectorAll("a[href], summary, [tabindex='0']")].indexOf(document.activeElement)));
    }
    const hidden = await tab.evaluate(() => [...document.querySelectorAll("a[href], summary, [tabindex='0']")].flatMap((each, index) => (each.checkVisibility() ? [] : [index])));
    const missed = [...Array(stops).keys()].filter((each) => !reached.has(each) && !hidden.includes(each));
    if (missed.length) note(`Tab does not reach ${missed.length} of ${stops} parts`);
    // the page's own policy keeps scripts out, so axe runs in a world of its own
    await tab.setBypassCSP(true);
    await tab.reload({ waitUntil: "load" });
    await tab.evaluate(() => document.querySelectorAll("details").forEach((each) => each.setAttribute("open", "")));
    await tab.evaluate(axe);
    const { violations, passes } = await tab.evaluate(() => globalThis.axe.run(document, { resultTypes: ["violations"] }));
    rules = Math.max(rules, violations.length + passes.length);
    for (const each of violations) note(`axe: ${each.id} (${each.impact}), ${each.nodes.length} times; first: ${each.nodes[0].html.slice(0, 160)}`);
    await tab.close();
  }
}
await browser.close();
console.log(problems.length ? problems.join("\n") : `Nothing found: 4 screens, ${rules} rules of axe-core.`);
process.exit(problems.length ? 1 : 0);
