"""The references in a component's files: metadata XML, Agent Script, Apex, and the files of Lightning bundles."""
