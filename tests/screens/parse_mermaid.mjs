// Reads diagrams with Mermaid's own parser, from files with one each; prints for each a JSON line of what it found there.
import { readFileSync } from "node:fs";
import DOMPurify from "dompurify";

// a label is sanitized in a browser; here there is none, and what counts is how the text is split into labels
DOMPurify.addHook = () => {};
DOMPurify.sanitize = (text) => text;
const { default: mermaid } = await import("mermaid");

for (const name of process.argv.slice(2)) {
  const text = readFileSync(name, "utf8");
  try {
    await mermaid.parse(text);
    const { db } = await mermaid.mermaidAPI.getDiagramFromText(text);
    const states = [...db.getStates().values()].map((state) => [
      state.id,
      (state.descriptions ?? []).join(" "),
      (state.note?.text ?? "").split("\n").map((line) => line.trim()),
    ]);
    const arrows = db.getRelations().map((arrow) => [arrow.id1, arrow.id2, arrow.relationTitle ?? ""]);
    console.log(JSON.stringify({ states, arrows }));
  } catch (error) {
    console.log(JSON.stringify({ error: String(error) }));
  }
}
