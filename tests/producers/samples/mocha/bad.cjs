describe("shipments", () => {
  it("names the day", () => { throw new Error("wrong"); });
  it.skip("is skipped", () => {});
  it("is still to be written");
  describe("hooks", () => { before(() => { throw new Error("no login"); }); it("is never reached", () => {}); });
});
