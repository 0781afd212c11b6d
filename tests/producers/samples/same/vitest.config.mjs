const include = ["one.spec.mjs"];
export default { test: { projects: ["en", "de"].map((name) => ({ test: { name, include } })) } };
