describe("shipments", () => { it("names the day", () => {}); });
