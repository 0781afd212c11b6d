// Loaded into the real CLI by NODE_OPTIONS: it has the address of the authoring service in its code, for every org.
// Those requests go to the org that the CLI works with, where the double serves them too.
const Module = require('node:module');

const load = Module._load;
const redirected = new WeakSet();
Module._load = function (name, ...rest) {
  const loaded = load.call(this, name, ...rest);
  if (name === 'undici' && !redirected.has(loaded)) {
    redirected.add(loaded);
    const { fetch } = loaded;
    loaded.fetch = (url, options) =>
      fetch(String(url).replace(/^https:\/\/(?:\w+\.)?api\.salesforce\.com/, process.env.SF_ORG_INSTANCE_URL), options);
  }
  return loaded;
};
