// One JSON string a line in (a condition), one JSON value a line out: [the guard as compiled or null, diagnostics].
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';

const { compileSource } = await import(pathToFileURL(process.env.AGENTSCRIPT_SDK_ENTRY));

const script = condition => `config:
    agent_name: "Library_Desk"
variables:
    a: mutable boolean = False
    b: mutable boolean = False
    c: mutable boolean = False
    s: mutable string = ""
    n: mutable number = 0
    m: mutable number
    o: mutable object
    l: mutable list[string]
start_agent desk:
    description: "Answers readers"
    reasoning:
        instructions: ->
            | Help the reader.
        actions:
            lend: @actions.lend
                available when ${condition}
    actions:
        lend:
            description: "Lends a book"
            target: "flow://Lend"
`;

const compiled = condition => {
  const { output, diagnostics } = compileSource(script(condition));
  const tool = output?.agent_version?.nodes?.[0]?.tools?.find(({ name }) => name === 'lend');
  const problems = diagnostics.filter(({ severity, code }) => severity <= 2 && !`${code}`.includes('unused'));
  return [tool?.enabled ?? null, problems.length];
};

const ordinary = compiled('True')[1];
for await (const line of createInterface({ input: process.stdin })) {
  const [enabled, problems] = compiled(JSON.parse(line));
  console.log(JSON.stringify([enabled, problems - ordinary]));
}
