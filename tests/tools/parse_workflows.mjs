// Parses workflow files with GitHub's own parser; prints its errors, and exits with 1 when there is one.
import { readFileSync } from "node:fs";
import { registerHooks } from "node:module";

// the parser is published for bundlers, which need no attribute to import JSON; Node.js does
registerHooks({
  load: (url, context, next) =>
    next(url, url.endsWith(".json") ? { ...context, importAttributes: { type: "json" } } : context),
});
const { convertWorkflowTemplate, NoOperationTraceWriter, parseWorkflow } = await import("@actions/workflow-parser");

for (const name of process.argv.slice(2)) {
  const parsed = parseWorkflow({ name, content: readFileSync(name, "utf8") }, new NoOperationTraceWriter());
  if (parsed.value) await convertWorkflowTemplate(parsed.context, parsed.value);
  for (const error of parsed.context.errors.getErrors()) {
    console.error(error.message);
    process.exitCode = 1;
  }
}
