// Prints the components that the Salesforce CLI's own resolver finds in folders, as JSON: type, name and own files.
import { ComponentSet } from "@salesforce/source-deploy-retrieve";

const found = process.argv.slice(2).flatMap((folder) =>
  ComponentSet.fromSource(folder)
    .getSourceComponents()
    .toArray()
    .flatMap((each) => [each, ...each.getChildren()])
    .map((each) => ({
      type: each.type.name,
      name: each.fullName,
      // the files of a decomposed component's parts are those of the parts
      files: [...(each.type.children ? [] : each.walkContent()), ...(each.xml ? [each.xml] : [])],
    })),
);
console.log(JSON.stringify(found));
