// Prints the test definition that `sf agent test create` makes of a test spec, as JSON.
import { AgentTest } from "@salesforce/agents";

console.log(JSON.stringify(await new AgentTest({ specPath: process.argv[2] }).getMetadata()));
