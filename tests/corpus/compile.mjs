// Compiles scripts with the official compiler: paths on standard input, one JSON object a line on standard output.
// AGENTSCRIPT_SDK_ENTRY: the SDK's entry, a module that exports `compileSource`. A crash counts as an error.
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

const { compileSource } = await import(pathToFileURL(process.env.AGENTSCRIPT_SDK_ENTRY).href);

function compiled(text) {
  try {
    return compileSource(text);
  } catch (error) {
    return { diagnostics: [{ severity: 1, message: `the compiler crashed: ${error.message}` }] };
  }
}

for await (const path of createInterface({ input: process.stdin })) {
  const text = readFileSync(path, "utf8").replace(/^\uFEFF/, "");
  const start = process.cpuUsage();
  const { output, diagnostics } = compiled(text);
  const { user, system } = process.cpuUsage(start);
  const version = output?.agent_version ?? {};
  console.log(
    JSON.stringify({
      path,
      errors: diagnostics.filter((each) => each.severity === 1).map((each) => each.message),
      seconds: (user + system) / 1e6,
      start: version.initial_node ?? "",
      nodes: version.nodes ?? [],
    }),
  );
}
