export default {
  testDir: ".",
  retries: Number(process.env.RETRIES ?? 0),
  projects: [{ name: "en" }, { name: "de" }],
  reporter: [["junit", { outputFile: process.env.OUTPUT }]],
};
