// Renders Markdown files as GitHub does, and takes a picture of each at desktop and phone width.
// Usage: node render.mjs FOLDER-OF-MARKDOWN FOLDER-OF-PICTURES
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";

import puppeteer from "puppeteer-core";
import { rehypeGithubAlerts } from "rehype-github-alerts";
import rehypeRaw from "rehype-raw";
import rehypeSanitize, { defaultSchema } from "rehype-sanitize";
import rehypeStringify from "rehype-stringify";
import remarkGfm from "remark-gfm";
import remarkParse from "remark-parse";
import remarkRehype from "remark-rehype";
import { unified } from "unified";
import UPNG from "upng-js";

const SCREENS = { desktop: { width: 1012, scale: 1 }, phone: { width: 390, scale: 1.25 } };
const COLORS = 32;

// the default schema is GitHub's own; as there, a table scrolls in its box, and <details> stays closed
const markdown = unified()
  .use(remarkParse)
  .use(remarkGfm)
  .use(remarkRehype, { allowDangerousHtml: true })
  .use(rehypeRaw)
  .use(rehypeSanitize, defaultSchema)
  .use(rehypeGithubAlerts)
  .use(rehypeStringify);

const style = await readFile(
  fileURLToPath(import.meta.resolve("github-markdown-css/github-markdown-light.css")),
  "utf8",
);

async function page(path) {
  const body = String(await markdown.process(await readFile(path, "utf8")));
  return `<!doctype html><meta charset="utf-8"><style>${style}
    body { margin: 0; } .markdown-body { box-sizing: border-box; padding: 24px; }
    @media (max-width: 767px) { .markdown-body { padding: 15px; } }</style>
    <article class="markdown-body">${body}</article>`;
}

const [source, target] = process.argv.slice(2);
await mkdir(target, { recursive: true });
const browser = await puppeteer.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--font-render-hinting=none", "--disable-lcd-text"],
});
const tab = await browser.newPage();
for (const name of (await readdir(source)).filter((each) => each.endsWith(".md")).sort()) {
  await tab.setContent(await page(join(source, name)));
  for (const [screen, { width, scale }] of Object.entries(SCREENS)) {
    await tab.setViewport({ width, height: 100, deviceScaleFactor: scale });
    const picture = UPNG.decode(await tab.screenshot({ fullPage: true }));
    const small = UPNG.encode(UPNG.toRGBA8(picture), picture.width, picture.height, COLORS);
    await writeFile(join(target, `${basename(name, ".md")}-${screen}.png`), Buffer.from(small));
  }
}
await browser.close();
