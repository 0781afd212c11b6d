const testMatch = ["**/one.spec.js"];
module.exports = { projects: ["en", "de"].map((displayName) => ({ displayName, testMatch })), reporters: ["jest-junit"] };
